"""The files of a run as folders and files, for its page."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from runs.artifacts.paths import ancestors
from runs.artifacts.previews.kinds import icon_of, is_markdown, is_picture
from runs.models import Run

PAGE_ENTRIES = 100
#: Up to so many files all folders come filled, so that they open without a request.
SMALL_TREE = 300
#: Folders that are shown open inside each other; templates include themselves for each.
MAX_DEPTH = 12


@dataclass
class Entry:
    """A file, or a folder with the number and bytes of all files below it."""

    path: str
    is_folder: bool
    count: int = 0
    size: int = 0
    children: "dict[str, Entry]" = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def icon(self) -> str:
        """The icon beside its name."""
        return "folder" if self.is_folder else icon_of(self.path)

    @property
    def sorted_children(self) -> list["Entry"]:
        """What lies directly in it: folders, then files, numbers in names by their value."""
        return sorted(self.children.values(), key=lambda entry: (not entry.is_folder, _natural(entry.name)))


@dataclass(frozen=True)
class Row:
    """An entry as the tree shows it. `rows` lie in it; `before` and `after` count what is on its other pages."""

    entry: Entry
    is_open: bool = False
    is_chosen: bool = False
    rows: Sequence["Row"] = ()
    before: int = 0
    after: int = 0
    page: int = 1


class FileTree:
    """All files of a run by folder. One query, however many folders."""

    def __init__(self, run: Run) -> None:
        self.root = Entry("", is_folder=True)
        self._entries = {"": self.root}
        for path, size in run.artifacts.values_list("path", "blob__size").iterator(chunk_size=5000):
            self._add(path, size)

    def find(self, path: str) -> Entry | None:
        """The file or folder of that path; the root for ""."""
        return self._entries.get(path)

    def parent_of(self, entry: Entry) -> Entry:
        """The folder that it lies in."""
        return self._entries[entry.path.rpartition("/")[0]]

    def siblings_of(self, entry: Entry) -> list[Entry]:
        """The files of its folder, itself included."""
        return [one for one in self.parent_of(entry).sorted_children if not one.is_folder]

    @property
    def most_telling(self) -> Entry | None:
        """What to show when nothing was chosen: a text that explains, else a picture, else the first file."""
        files = list(_files(self.root))
        for tells in (is_markdown, is_picture):
            for entry in files:
                if tells(entry.path):
                    return entry
        return files[0] if files else None

    def rows(self, chosen: Entry, page: int = 1) -> Row:
        """The tree with the chosen entry's folders open; a chosen folder shows its page number `page`."""
        opened = [*reversed(ancestors(chosen.path)), *([chosen.path] if chosen.is_folder else [])]
        top = self._entries[opened[-MAX_DEPTH - 1]] if len(opened) > MAX_DEPTH else self.root
        return self._row(top, chosen, frozenset(opened), page, 0)

    def _row(self, entry: Entry, chosen: Entry, opened: frozenset[str], page: int, depth: int) -> Row:
        is_chosen, is_open = entry is chosen, depth == 0 or entry.path in opened
        if not entry.is_folder or depth > MAX_DEPTH or not (is_open or self.root.count <= SMALL_TREE):
            return Row(entry, is_chosen=is_chosen)
        children = entry.sorted_children
        number = page if is_chosen else _page_with(children, chosen.path)
        first = (number - 1) * PAGE_ENTRIES
        shown = children[first : first + PAGE_ENTRIES]
        rows = [self._row(child, chosen, opened, page, depth + 1) for child in shown]
        left = max(0, len(children) - first - len(shown))
        return Row(entry, is_open, is_chosen, rows, min(first, len(children)), left, number)

    def _add(self, path: str, size: int) -> None:
        self._entries[path] = below = Entry(path, is_folder=False, count=1, size=size)
        for folder in (*ancestors(path), ""):
            entry = self._entries.setdefault(folder, Entry(folder, is_folder=True))
            entry.children[below.name] = below
            entry.count, entry.size = entry.count + 1, entry.size + size
            below = entry


def _files(folder: Entry) -> Iterator[Entry]:
    """Those nearest to the top first."""
    waiting = [folder]
    while waiting:
        children = waiting.pop(0).sorted_children
        yield from (entry for entry in children if not entry.is_folder)
        waiting += [entry for entry in children if entry.is_folder]


def _page_with(children: Sequence[Entry], path: str) -> int:
    """The page of a folder on which the chosen path, or the folder that leads to it, is found; 1 for another folder."""
    place = next((at for at, entry in enumerate(children) if f"{path}/".startswith(f"{entry.path}/")), 0)
    return place // PAGE_ENTRIES + 1


def _natural(name: str) -> list[tuple[int, int, str]]:
    """`step-2` comes before `step-10`."""
    parts = re.split(r"(\d{1,18})", name.lower(), flags=re.ASCII)
    return [(0, int(part), "") if place % 2 else (1, 0, part) for place, part in enumerate(parts)]
