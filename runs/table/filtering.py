"""A table's filter: what it finds, what its conditions are, and what is wrong with it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from runs.models import Metric, Param, Tag
from runs.search import SearchError, grammar, tree
from runs.search.languages import Kind
from runs.table.state import State
from runs.table.words import Words, in_words

_KEYED: dict[Kind, tuple[Any, ...]] = {
    Kind.METRIC: (Metric,), Kind.PARAM: (Param,), Kind.TAG: (Tag,), Kind.ANY: (Metric, Param, Tag),
}  # fmt: skip
#: With more conditions than this nobody is helped by a count for each, and each is a search.
MOST_BLAMED = 8


@dataclass(frozen=True)
class Chip:
    """One condition: as it was written, in words, and the address of the page without it."""

    text: str
    words: Words
    without: str


@dataclass(frozen=True)
class Blame:
    """A condition, and how many runs there would be without it."""

    chip: Chip
    runs: int


class Filter:
    """The filter of a table over some runs. A mistake keeps the last filter that was right."""

    def __init__(self, runs: Any, state: State) -> None:
        self._runs, self._state = runs, state
        self.error: SearchError | None = None
        self.text = state.text
        try:
            self.found = runs.search(state.text, state.order)
        except SearchError as error:
            self.error = error
            self._fall_back()

    def _fall_back(self) -> None:
        for text in (self._state.known, ""):
            try:
                self.found, self.text = self._runs.search(text, self._state.order), text
            except SearchError:
                continue
            return

    @cached_property
    def parts(self) -> tuple[tree.Node, ...]:
        """The conditions that must all hold."""
        return tree.conjuncts(grammar.parse(self.text))

    @cached_property
    def chips(self) -> list[Chip]:
        """The conditions, each with the way to be rid of it."""
        return [
            Chip(text, in_words(part), self._state.address(q=self._without(place)))
            for place, (text, part) in enumerate(zip(self._texts, self.parts, strict=True))
        ]

    @cached_property
    def _texts(self) -> list[str]:
        """The conditions as they were written."""
        return [self.text[part.place.column : part.place.end] for part in self.parts]

    def _without(self, place: int) -> str:
        """The filter without one of its conditions."""
        return " AND ".join(self._texts[:place] + self._texts[place + 1 :])

    @property
    def mistake(self) -> tuple[str, str, str] | None:
        """A wrong filter as (before, what is wrong, after); None where no place is known."""
        if self.error is None or self.error.column is None:
            return None
        text, place = self._state.text, self.error.column
        end = next((at for at in range(place + 1, len(text)) if text[at].isspace()), len(text))
        return text[:place], text[place:end] or " ", text[end:]

    @property
    def unknown_keys(self) -> list[tuple[str, str | None]]:
        """Keys of the filter that no run has, each with the nearest one that is there."""
        clauses = [clause for clause in tree.clauses_of(grammar.parse(self.text)) if clause.kind in _KEYED]
        known = {kind: self._keys_of(kind) for kind in {clause.kind for clause in clauses}}
        unknown = {(clause.kind, clause.key): None for clause in clauses if clause.key not in known[clause.kind]}
        return [
            (key if kind is Kind.ANY else f"{kind}.{key}", nearest(key, known[kind]))
            for kind, key in list(unknown)[:MOST_BLAMED]
        ]

    def _keys_of(self, kind: Kind) -> set[str]:
        """The keys that runs have of a kind."""
        rows = (model.objects.filter(run__in=self._runs.values("pk")) for model in _KEYED[kind])
        return {key for found in rows for key in found.values_list("key", flat=True).distinct()}

    def blame(self) -> list[Blame]:
        """How many runs each condition keeps away, the guiltiest first."""
        if not 1 < len(self.parts) <= MOST_BLAMED:
            return []
        counted = [
            Blame(chip, self._runs.search(self._without(place)).count()) for place, chip in enumerate(self.chips)
        ]
        return sorted(counted, key=lambda blame: -blame.runs)


def nearest(key: str, keys: Iterable[str]) -> str | None:
    """The key that was probably meant: one that ends so (`loss`, `val/loss`), is spelled nearly so, or begins so word
    by word (`lr`, `learning_rate`).
    """
    known = sorted(keys)
    alike = [other for other in known if other.rpartition("/")[2] == key.rpartition("/")[2]]
    initials = [other for other in known if "".join(word[:1] for word in re.split(r"[\W_]+", other)) == key]
    return next(iter(alike or get_close_matches(key, known, 1) or initials), None)
