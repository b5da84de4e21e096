"""Markdown, laid out; its pictures and links may lead to the run's own files."""

import posixpath
from dataclasses import dataclass
from typing import IO
from urllib.parse import quote, unquote, urlsplit

from runs.artifacts.previews.decoding import encoding_of, visible
from runs.artifacts.previews.judging import is_text
from runs.artifacts.previews.limits import run_limited
from runs.artifacts.previews.source import Mismatch, Preview, Source
from trackerweb.formatting import file_size
from trackerweb.markdown import to_html

MAX_BYTES = 256 * 1024


@dataclass(frozen=True, kw_only=True)
class MarkdownPreview(Preview):
    """HTML that was sanitised."""

    kind = "markdown"

    html: str


def preview(source: Source) -> Preview:
    """The whole text; longer ones are shown as they were written."""
    if not is_text(source.head):
        raise Mismatch("Its content is no text.")
    if source.size > MAX_BYTES:
        raise Mismatch(f"Markdown beyond {file_size(MAX_BYTES)} is shown as it was written.")
    html = run_limited("markdown_text", source.file, run_id=source.run_id, path=source.path)
    return MarkdownPreview(html=html, note=encoding_of(source.head).note)


def read(file: IO[bytes], *, run_id: str, path: str) -> str:
    """Safe HTML of the file. In the child process: some texts take a parser long."""
    file.seek(0)
    content = file.read(MAX_BYTES)
    encoding = encoding_of(content)
    text = content.removeprefix(encoding.mark).decode(encoding.codec, "replace")
    return to_html(visible(text), lambda address, is_picture: led(run_id, path, address, is_picture))


def led(run_id: str, path: str, address: str, is_picture: bool) -> str | None:
    """Where an address in the file `path` leads: a relative one to the run's own file, a foreign picture nowhere."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None if is_picture else address
    if not parts.path:
        return address
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(parts.path)))
    if target.startswith(("/", "..")):
        return None
    if is_picture:
        return f"/preview/{quote(run_id)}/{quote(target)}"
    return f"/runs/{quote(run_id)}/artifacts/?path={quote(target)}"
