"""What a preview is made from, and what every preview is."""

from dataclasses import dataclass
from functools import cached_property
from typing import IO, ClassVar

#: Enough to judge what a file is and how its text is encoded.
HEAD_BYTES = 64 * 1024


class Mismatch(Exception):
    """The content is not what its name says, or more than a preview may cost. Another kind shows it, with this word."""


def suffix_of(path: str) -> str:
    """`.png` of `plots/roc.PNG`; the whole name, in small letters, where it has no dot: `mlmodel`."""
    name = path.rpartition("/")[2].lower()
    return f".{name.rpartition('.')[2]}" if "." in name else name


@dataclass(frozen=True)
class Source:
    """A file to preview: open, and however big. `page` counts from 1; `run_id` and `path` say where links lead."""

    run_id: str
    path: str
    size: int
    file: IO[bytes]
    page: int = 1

    @property
    def suffix(self) -> str:
        """What its name says that it is."""
        return suffix_of(self.path)

    @cached_property
    def head(self) -> bytes:
        """Its first bytes."""
        return self.read(0, HEAD_BYTES)

    def read(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset` on."""
        self.file.seek(offset)
        return self.file.read(length)


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What templates/runs/previews/_<kind>.html shows. `note` says what is left out, or is not as the name says."""

    kind: ClassVar[str]

    note: str = ""
    page: int = 1
    has_more: bool = False

    @property
    def template(self) -> str:
        """The piece that renders it."""
        return f"runs/previews/_{self.kind}.html"

    @property
    def next_page(self) -> int | None:
        """The number of the next part, if there is one."""
        return self.page + 1 if self.has_more else None

    @property
    def previous_page(self) -> int | None:
        """The number of the part before, if there is one."""
        return self.page - 1 if self.page > 1 else None
