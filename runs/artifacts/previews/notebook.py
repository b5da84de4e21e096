"""Notebooks: cells and what they put out, as a document without scripts that the preview route serves into a frame."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

import nh3

from runs.artifacts.previews.limits import run_limited
from runs.artifacts.previews.source import Mismatch, Preview, Source
from trackerweb.formatting import file_size
from trackerweb.markdown import to_html

MAX_BYTES = 16 * 1024 * 1024
MAX_CELLS = 500
MAX_TEXT_LENGTH = 20_000

#: What version 3 called the kinds of output.
_OLD_NAMES = {
    "png": "image/png", "jpeg": "image/jpeg", "svg": "image/svg+xml", "html": "text/html", "latex": "text/latex",
    "text": "text/plain",
}  # fmt: skip
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/svg+xml")
_TEXTS = ("text/latex", "application/json", "text/plain")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, kw_only=True)
class NotebookPreview(Preview):
    """Nothing of its own: the document in the frame has the cells."""

    kind = "notebook"


def preview(source: Source) -> Preview:
    """Show it in a frame; the route that answers the frame reads the cells."""
    if not source.head.lstrip().startswith(b"{"):
        raise Mismatch("Its content is no notebook.")
    if source.size > MAX_BYTES:
        raise Mismatch(f"Notebooks beyond {file_size(MAX_BYTES)} are shown as text.")
    return NotebookPreview()


def cells_of(source: Source) -> list[dict[str, Any]]:
    """The cells, for templates/runs/previews/notebook.html.

    Errors: Mismatch when it is no notebook.
    """
    return run_limited("notebook", source.file)


def read(file: IO[bytes]) -> list[dict[str, Any]]:
    """Cells: {kind, html | tokens | text, count, outputs}.

    In the child process: HTML that nests deep takes long to clean.
    """
    file.seek(0)
    notebook = json.load(file)
    cells = notebook.get("cells")
    if cells is None:
        cells = [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]
    language = _language_of(notebook)
    return [_cell(cell, language) for cell in cells[:MAX_CELLS]]


def _language_of(notebook: Mapping[str, Any]) -> str:
    about = notebook.get("metadata", {})
    name = about.get("language_info", {}).get("name") or about.get("kernelspec", {}).get("language") or "python"
    return name if name in ("python", "r", "julia", "javascript", "sql", "scala", "ruby") else "python"


def _cell(cell: Mapping[str, Any], language: str) -> dict[str, Any]:
    from runs.artifacts.previews.highlighting import coloured

    text = _joined(cell.get("source", cell.get("input", "")))[: MAX_TEXT_LENGTH * 5]
    if cell.get("cell_type") == "markdown":
        return {"kind": "markdown", "html": to_html(text)}
    if cell.get("cell_type") != "code":
        return {"kind": "raw", "text": text}
    count = cell.get("execution_count", cell.get("prompt_number"))
    return {
        "kind": "code",
        "tokens": coloured(text, "splus" if language == "r" else language),
        "count": count if isinstance(count, int) else None,
        "outputs": [found for output in cell.get("outputs", []) for found in _outputs(output)],
    }


def _outputs(output: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    kind = output.get("output_type")
    if kind == "stream":
        name = output.get("name", output.get("stream"))
        yield {"kind": "error" if name == "stderr" else "text", "text": _plain(output.get("text", ""))}
    elif kind in ("error", "pyerr"):
        yield {"kind": "error", "text": _plain("\n".join(map(str, output.get("traceback", []))))}
    else:
        yield _displayed({_OLD_NAMES.get(name, name): value for name, value in _bundle(output).items()})


def _bundle(output: Mapping[str, Any]) -> Mapping[str, Any]:
    return output.get("data", output)


def _displayed(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """The form of an output that tells most and can be shown without a script."""
    for media_type in _PICTURES:
        if media_type in bundle and (address := _picture(media_type, _joined(bundle[media_type]))):
            return {"kind": "picture", "address": address}
    if html := nh3.clean(_joined(bundle.get("text/html", ""))).strip():
        return {"kind": "html", "html": html}
    if "text/markdown" in bundle:
        return {"kind": "html", "html": to_html(_joined(bundle["text/markdown"]))}
    for media_type in _TEXTS:
        if media_type in bundle:
            return {"kind": "text", "text": _plain(bundle[media_type])}
    return {"kind": "text", "text": f"Not shown: {', '.join(sorted(map(str, bundle)))[:200]}"}


def _picture(media_type: str, content: str) -> str | None:
    """A data: address, which an <img> draws and never runs."""
    if media_type == "image/svg+xml":
        raw = content.encode()
    else:
        try:
            raw = base64.b64decode(content)
        except (binascii.Error, ValueError):
            return None
    return f"data:{media_type};base64,{base64.b64encode(raw).decode()}"


def _joined(lines: Any) -> str:
    """Text comes whole, or as a list of lines."""
    if isinstance(lines, list):
        return "".join(map(str, lines))
    return lines if isinstance(lines, str) else json.dumps(lines)


def _plain(lines: Any) -> str:
    text = _ANSI.sub("", _joined(lines))
    return text[:MAX_TEXT_LENGTH] + (" …" if len(text) > MAX_TEXT_LENGTH else "")
