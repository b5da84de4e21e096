"""Media of runs side by side: the same key, at the nearest step that each of them has."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from runs.comparing.contenders import Contender
from runs.media import MediaKind, reels_of
from runs.run_page.media import Shown, shown_at, steps_of

#: Runs whose media stand side by side; more are not seen at once.
MOST_RUNS = 12
PAGE_ROWS = 12


@dataclass(frozen=True)
class MediaRow:
    """A key with what each contender has of it, None where it has nothing."""

    key: str
    kind: MediaKind
    cells: list[tuple[Contender, Shown | None]]


class MediaComparison:
    """The media of the first contenders at a step; at the last ones where none is asked for. Pages count from 0."""

    def __init__(self, contenders: Sequence[Contender], step: int | None, page: int = 0) -> None:
        self.contenders = list(contenders[:MOST_RUNS])
        self.left_out = len(contenders) - len(self.contenders)
        self.step, self.page = step, page

    @cached_property
    def _reels(self) -> list[dict[tuple[MediaKind, str], Shown]]:
        return [
            {(shown.reel.kind, shown.reel.key): shown for shown in shown_at(reels_of(contender.lead), self.step)}
            for contender in self.contenders
        ]

    @cached_property
    def steps(self) -> list[int]:
        """Every step at which something was logged."""
        return steps_of([shown.reel for found in self._reels for shown in found.values()])

    @cached_property
    def _keys(self) -> list[tuple[MediaKind, str]]:
        """Those that most runs have first."""
        counts: dict[tuple[MediaKind, str], int] = {}
        for found in self._reels:
            for key in found:
                counts[key] = counts.get(key, 0) + 1
        return sorted(counts, key=lambda key: (-counts[key], key))

    @property
    def rows(self) -> list[MediaRow]:
        """A page of keys."""
        first = self.page * PAGE_ROWS
        shown = self._keys[first : first + PAGE_ROWS]
        return [MediaRow(key, kind, self._cells((kind, key))) for kind, key in shown]

    def _cells(self, key: tuple[MediaKind, str]) -> list[tuple[Contender, Shown | None]]:
        pairs = zip(self.contenders, self._reels, strict=True)
        return [(contender, found.get(key)) for contender, found in pairs]

    @property
    def total(self) -> int:
        """How many keys there are."""
        return len(self._keys)

    @property
    def next_page(self) -> int | None:
        """The number of the next page, from 1, if there is one."""
        return self.page + 2 if (self.page + 1) * PAGE_ROWS < self.total else None

    @property
    def has_pictures(self) -> bool:
        """Whether some can be laid over each other."""
        return any(kind == "picture" for kind, _ in self._keys)
