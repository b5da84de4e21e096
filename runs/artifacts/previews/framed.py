"""What is shown in a frame, as a document of its own from the preview route: HTML and PDF."""

from dataclasses import dataclass

from runs.artifacts.previews.judging import is_pdf, is_text
from runs.artifacts.previews.source import Mismatch, Preview, Source


@dataclass(frozen=True, kw_only=True)
class HtmlPreview(Preview):
    """A page that may run scripts, in a frame that lets them reach nothing."""

    kind = "html"


@dataclass(frozen=True, kw_only=True)
class PdfPreview(Preview):
    """Pages, drawn by the browser's own viewer."""

    kind = "pdf"


def html(source: Source) -> Preview:
    """Show it in its sandbox."""
    if not is_text(source.head):
        raise Mismatch("Its content is no HTML.")
    return HtmlPreview(note="Shown in a sandbox: what it would load from elsewhere is left out.")


def pdf(source: Source) -> Preview:
    """Leave it to the browser's viewer."""
    if not is_pdf(source.head):
        raise Mismatch("Its content is no PDF.")
    return PdfPreview()
