"""Code and text, in parts of 256 kB that end with a line, in colour where the name says which language."""

from collections.abc import Sequence
from dataclasses import dataclass

from runs.artifacts.previews.decoding import Encoding, encoding_of, visible
from runs.artifacts.previews.judging import is_text
from runs.artifacts.previews.limits import run_limited
from runs.artifacts.previews.source import Mismatch, Preview, Source
from trackerweb.formatting import file_size

PART_BYTES = 256 * 1024
#: How far a line end is looked for, before a part ends within a line.
LONGEST_LINE_BYTES = 16 * 1024

#: Names of Pygments' lexers. What is not here is shown plain.
LANGUAGES = {
    ".py": "python", ".pyi": "python", ".ipy": "python", ".js": "javascript", ".mjs": "javascript", ".ts": "typescript",
    ".json": "json", ".geojson": "json", ".jsonl": "json", ".ndjson": "json", ".ipynb": "json",
    ".yaml": "yaml", ".yml": "yaml", "mlmodel": "yaml", "mlproject": "yaml",
    ".toml": "toml", ".ini": "ini", ".cfg": "ini", ".conf": "ini", ".env": "ini", ".properties": "properties",
    ".sh": "bash", ".bash": "bash", ".zsh": "bash", ".sql": "sql", ".r": "splus", ".jl": "julia", ".rs": "rust",
    ".c": "c", ".h": "c", ".cc": "cpp", ".cpp": "cpp", ".hpp": "cpp", ".cu": "cuda", ".java": "java", ".go": "go",
    ".scala": "scala", ".kt": "kotlin", ".rb": "ruby", ".lua": "lua", ".m": "matlab", ".proto": "protobuf",
    ".html": "html", ".htm": "html", ".xml": "xml", ".svg": "xml", ".css": "css",
    ".diff": "diff", ".patch": "diff", ".tex": "latex", ".md": "markdown", ".markdown": "markdown",
    "dockerfile": "docker", "makefile": "make", ".cmake": "cmake",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TextPreview(Preview):
    """A part of a text: stretches of it, each with the CSS class of what it is ("" for plain)."""

    kind = "text"

    tokens: Sequence[tuple[str, str]]


def preview(source: Source) -> Preview:
    """A part of the text."""
    if not is_text(source.head):
        raise Mismatch("Its content is no text.")
    encoding = encoding_of(source.head)
    text = visible(part_of(source, encoding))
    return TextPreview(
        tokens=_coloured(source, text),
        note=" ".join(filter(None, [_extent(source), encoding.note])),
        page=source.page,
        has_more=source.page * PART_BYTES < source.size,
    )


def part_of(source: Source, encoding: Encoding) -> str:
    """The part number `source.page`: the lines that begin in its 256 kB; its own stretch where lines are longer."""
    begin = _line_at(source, (source.page - 1) * PART_BYTES, encoding)
    end = _line_at(source, source.page * PART_BYTES, encoding)
    if begin >= source.size:
        raise Mismatch(f"There is no part {source.page} of this file.")
    raw = source.read(begin, end - begin)
    return raw.removeprefix(encoding.mark if begin == 0 else b"").decode(encoding.codec, "replace")


def _line_at(source: Source, offset: int, encoding: Encoding) -> int:
    """Where the first line from `offset` on begins; `offset` itself where none begins soon."""
    if offset == 0 or offset >= source.size or encoding.codec.startswith("utf-16"):
        return min(offset, source.size)
    found = source.read(offset - 1, LONGEST_LINE_BYTES).find(b"\n")
    return offset if found < 0 else offset + found


def _extent(source: Source) -> str:
    if source.size <= PART_BYTES:
        return ""
    if source.page == 1:
        return f"Shown: the first {file_size(PART_BYTES)} of {file_size(source.size)}."
    return f"Shown: from {file_size((source.page - 1) * PART_BYTES)} on, of {file_size(source.size)}."


def _coloured(source: Source, text: str) -> Sequence[tuple[str, str]]:
    language = LANGUAGES.get(source.suffix)
    if language is None:
        return [("", text)]
    try:
        found = run_limited("highlighting", source.file, text_page=source.page, size=source.size, language=language)
    except Mismatch:
        return [("", text)]
    return [(css_class, stretch) for css_class, stretch in found]
