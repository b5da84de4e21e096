"""How the preview route may serve a file: the one place where what others wrote is shown by a browser as it is.

The media type is never the file's own word: it comes from an allow-list, and the content was seen to be that. The
policy of each answer takes away origin, scripts, forms, frames, and every way to reach a host.
"""

from dataclasses import dataclass

from runs.artifacts.previews.decoding import encoding_of
from runs.artifacts.previews.judging import FILMS, PDF, PICTURES, SOUNDS, SVG, is_pdf, is_text, media_type_of
from runs.artifacts.previews.source import Source

_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
#: For pictures, media, PDF and text, which ask for nothing; a browser styles the document that it wraps them in.
STILL = f"sandbox; {_NOTHING}; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'"
#: For documents whose scripts must not run.
DOCUMENT = f"sandbox; {_NOTHING}; img-src data:; style-src 'unsafe-inline'"
#: For HTML in a frame of our page, whose policy keeps the frame from going elsewhere. Plotly and Bokeh draw with this.
SCRIPTED = (
    f"sandbox allow-scripts; {_NOTHING}; script-src 'unsafe-inline' 'unsafe-eval' blob:; connect-src 'none'; "
    "img-src data: blob:; font-src data:; media-src data: blob:; style-src 'unsafe-inline'; worker-src blob:"
)

OCTETS = "application/octet-stream"


@dataclass(frozen=True)
class Inline:
    """A media type, the policy that goes with it, and whether it is only offered as a download."""

    media_type: str
    policy: str = STILL
    as_attachment: bool = False
    is_notebook: bool = False


def inline_of(source: Source, in_frame: bool) -> Inline:
    """How to serve a file. HTML is drawn only `in_frame`, else its source is: alone it could lead a window off."""
    readable = is_text(source.head)
    charset = encoding_of(source.head).codec
    if readable and in_frame and source.suffix in (".html", ".htm"):
        return Inline(f"text/html; charset={charset}", SCRIPTED)
    if readable and source.suffix == ".ipynb":
        return Inline("text/html; charset=utf-8", DOCUMENT, is_notebook=True)
    if is_pdf(source.head):
        return Inline(PDF)
    media_type = media_type_of(source.head, PICTURES | SOUNDS | FILMS)
    if media_type is not None:
        return Inline(media_type, DOCUMENT if media_type == SVG else STILL)
    return Inline(f"text/plain; charset={charset}") if readable else Inline(OCTETS, as_attachment=True)
