"""The files of a run as folders and files, for its page."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from runs.artifacts.paths import ancestors
from runs.artifacts.previews.kinds import icon_of, is_markdown, is_picture
from runs.models import Run

PAGE_ENTRIES = 100
#: Up to so many files all folders come filled, so that they open without a request.
SMALL_TREE = 300
#: Folders that are shown open inside each other; templates include themselves for each.
MAX_DEPTH = 12


@dataclass(eq=False)
class Entry:
    """A file, or a folder with the number and bytes of all files below it. `parent` is None for the root."""

    path: str
    is_folder: bool
    parent: "Entry | None" = None
    count: int = 0
    size: int = 0
    children: "list[Entry]" = field(default_factory=list)

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def icon(self) -> str:
        """The icon beside its name."""
        return "folder" if self.is_folder else icon_of(self.path)

    @cached_property
    def sorted_children(self) -> list["Entry"]:
        """What lies directly in it: folders, then files, numbers in names by their value."""
        return sorted(self.children, key=lambda entry: (not entry.is_folder, _natural(entry.name)))


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
        for path, size in run.artifacts.order_by("path").values_list("path", "blob__size").iterator(chunk_size=5000):
            self._add(path, size)

    def find(self, path: str) -> Entry | None:
        """The file or folder of that path; the root for ""."""
        return self._entries.get(path)

    def siblings_of(self, entry: Entry) -> list[Entry]:
        """The files of its folder, itself included."""
        folder = entry.parent or self.root
        return [one for one in folder.sorted_children if not one.is_folder]

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
        parent = self._folder(path.rpartition("/")[0])
        self._entries[path] = entry = Entry(path, False, parent, 1, size)
        parent.children.append(entry)
        folder: Entry | None = parent
        while folder is not None:
            folder.count, folder.size = folder.count + 1, folder.size + size
            folder = folder.parent

    def _folder(self, path: str) -> Entry:
        """The folder of that path, made with those above where there is none yet."""
        found, missing = self._entries.get(path), []
        while found is None:
            missing.append(path)
            path = path.rpartition("/")[0]
            found = self._entries.get(path)
        for place in reversed(missing):
            self._entries[place] = entry = Entry(place, True, found)
            found.children.append(entry)
            found = entry
        return found


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
