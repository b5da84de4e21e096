"""What a folder holds: files and folders side by side, the latter with their number of files and bytes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, Max, Sum, TextField, Value, When
from django.db.models.functions import StrIndex, Substr

from runs.artifacts.store import in_folder
from runs.models import FileOwner, StoredFile


@dataclass(frozen=True)
class Folder:
    """A folder with all below it: how many files, how many bytes."""

    path: str
    count: int
    size: int

    is_folder = True

    @property
    def name(self) -> str:
        """Its own name."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Listing:
    """A page of what lies in a folder, in the order of names. `next_name` begins the next page, None ends it."""

    entries: Sequence[Folder | StoredFile]
    next_name: str | None


def entries(owner: FileOwner, folder: str) -> Iterator[Folder | StoredFile]:
    """All that lies directly in a folder, by name."""
    after: str | None = ""
    while after is not None:
        page = list_folder(owner, folder, after)
        yield from page.entries
        after = page.next_name


def exists(owner: FileOwner, path: str) -> bool:
    """Whether there is a file at `path`, or below it."""
    return (owner.artifacts.filter(path=path) | in_folder(owner.artifacts.all(), path)).exists()


def list_folder(owner: FileOwner, folder: str = "", after: str = "", limit: int = 1000) -> Listing:
    """Files and folders that lie directly in a folder, behind the name `after`. Two queries."""
    rows = list(_grouped(owner, folder).filter(child__gt=after)[: limit + 1])
    files = owner.artifacts.select_related("blob").in_bulk([row["newest"] for row in rows if not row["slash"]])
    entries = [
        Folder(_joined(folder, row["child"]), row["count"], row["size"]) if row["slash"] else files[row["newest"]]
        for row in rows[:limit]
    ]
    return Listing(entries, rows[limit - 1]["child"] if len(rows) > limit else None)


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _grouped(owner: FileOwner, folder: str) -> Any:
    """A row for each name in the folder: `slash` is 0 for files, `newest` the key of one."""
    rest = Substr("path", len(folder) + 2 if folder else 1, output_field=TextField())
    below = in_folder(owner.artifacts.all(), folder).annotate(slash_at=StrIndex(rest, Value("/")))
    child = Case(When(slash_at__gt=0, then=Substr(rest, 1, F("slash_at") - 1)), default=rest, output_field=TextField())
    is_folder = Case(When(slash_at__gt=0, then=Value(1)), default=Value(0))
    grouped = below.annotate(child=child, slash=is_folder).values("child", "slash")
    return grouped.annotate(count=Count("pk"), size=Sum("blob__size"), newest=Max("pk")).order_by("child")
