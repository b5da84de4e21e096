"""The table of kinds: which module shows a file, by its name and then by its content."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from runs.artifacts.previews import (
    arrays,
    framed,
    json_tree,
    markdown_text,
    media,
    notebook,
    other,
    parquet,
    picture,
    records,
    rows,
    text,
)
from runs.artifacts.previews.empty import EmptyPreview
from runs.artifacts.previews.source import Mismatch, Preview, Source, suffix_of

Show = Callable[[Source], Preview]


@dataclass(frozen=True)
class Kind:
    """Files of these suffixes are shown by `show`, and have this icon."""

    suffixes: frozenset[str]
    show: Show
    icon: str


KINDS = (
    Kind(frozenset(picture.SUFFIXES), picture.preview, "file-image"),
    Kind(frozenset({".md", ".markdown"}), markdown_text.preview, "file-text"),
    Kind(frozenset({".html", ".htm"}), framed.html, "file-code"),
    Kind(frozenset({".ipynb"}), notebook.preview, "notebook-text"),
    Kind(frozenset({".csv", ".tsv"}), rows.preview, "file-spreadsheet"),
    Kind(frozenset({".parquet", ".pq"}), parquet.preview, "file-spreadsheet"),
    Kind(frozenset({".json"}), json_tree.preview, "file-braces"),
    Kind(frozenset({".jsonl", ".ndjson"}), records.preview, "file-braces"),
    Kind(frozenset({".npy", ".npz"}), arrays.preview, "binary"),
    Kind(frozenset({".pdf"}), framed.pdf, "file-text"),
    Kind(frozenset(media.SOUND_SUFFIXES), media.sound, "file-music"),
    Kind(frozenset(media.FILM_SUFFIXES), media.film, "file-play"),
    Kind(frozenset(text.LANGUAGES) | {".txt", ".log"}, text.preview, "file-code"),
)
_BY_SUFFIX = {suffix: kind for kind in reversed(KINDS) for suffix in kind.suffixes}
#: What a name without a known suffix may turn out to be.
_BY_CONTENT: tuple[Show, ...] = (picture.preview, framed.pdf, media.sound, media.film)


def icon_of(path: str) -> str:
    """The icon beside a file's name."""
    kind = _kind_of(path)
    return kind.icon if kind else "file"


def is_picture(path: str) -> bool:
    """Its name says that it is a picture."""
    kind = _kind_of(path)
    return kind is not None and kind.show is picture.preview


def is_markdown(path: str) -> bool:
    """Its name says that it is Markdown."""
    kind = _kind_of(path)
    return kind is not None and kind.show is markdown_text.preview


def preview_of(source: Source) -> Preview:
    """What a page shows of a file. Never raises for what the file holds: in the end there is a hex dump."""
    if source.size == 0:
        return EmptyPreview()
    kind, trouble = _kind_of(source.path), ""
    for show in [kind.show, text.preview] if kind else [*_BY_CONTENT, text.preview]:
        try:
            found = show(source)
        except Mismatch as mismatch:
            # A name that claims nothing is not contradicted.
            trouble = trouble or (str(mismatch) if kind else "")
        else:
            return replace(found, note=" ".join(filter(None, [trouble, found.note])))
    return replace(other.preview(source), note=trouble)


def _kind_of(path: str) -> Kind | None:
    return _BY_SUFFIX.get(suffix_of(path))
