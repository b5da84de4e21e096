"""What a run printed: the end of it, earlier parts, what is searched for, and what was printed since."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict

from runs.models import ConsoleChunk, Run, RunStatus
from runs.run_page.ansi import Piece, pieces, plain
from trackerweb.errors import InvalidValue
from trackerweb.forms import whole_number

#: Characters that a page shows, more or less: it ends with a whole piece.
PAGE_CHARACTERS = 64 * 1024
#: Characters that a search goes through, from the end.
SEARCH_CHARACTERS = 16 * 1024 * 1024
#: Lines that a search shows.
MOST_FOUND = 500
#: Lines that a page shows of pieces that hold many.
MOST_LINES = 5000
#: A line that is longer is cut on the page; beyond LONGEST_LINE it is not searched either.
MOST_LINE, LONGEST_LINE = 4000, 100_000
_PIECES_AT_ONCE = 200

STREAMS = {"": "both streams", "stdout": "standard output", "stderr": "standard error"}
LEVELS = {"": "all levels", "warning": "warnings and errors", "error": "errors"}
_RANKS = {"DEBUG": 0, "INFO": 0, "WARN": 1, "WARNING": 1, "ERROR": 2, "CRITICAL": 2, "FATAL": 2}
_LEVEL = re.compile(
    rf"\b({'|'.join(_RANKS)})\b|^(?P<trace>Traceback \(most recent call last\)|\w*(?:Error|Exception)\b)"
)
_LEVEL_PLACE = 160


@dataclass(frozen=True)
class Question:
    """What an address asks of the log: the words that lines must hold, the least level, one stream, and from where."""

    find: str = ""
    level: str = ""
    stream: str = ""
    before: int | None = None
    after: int | None = None

    @classmethod
    def of(cls, query: QueryDict) -> "Question":
        """Read the query of an address.

        Errors: InvalidValue names the field, and what there is.
        """
        return cls(
            find=query.get("find", "").strip()[:200],
            level=_one_of(query, "level", LEVELS),
            stream=_one_of(query, "stream", STREAMS),
            before=whole_number(query, "before"),
            after=whole_number(query, "after"),
        )

    @property
    def filters(self) -> bool:
        """Whether some lines are left out."""
        return bool(self.find or self.level)


@dataclass(frozen=True)
class Line:
    """A line of a stream. `rank` is 0, for warnings 1, for errors 2."""

    stream: str
    text: str
    rank: int = 0

    @property
    def pieces(self) -> list[Piece]:
        """Its text in colours."""
        return pieces(self.text[:MOST_LINE])

    @property
    def is_cut(self) -> bool:
        """Too long to show whole."""
        return len(self.text) > MOST_LINE


class LogPage:
    """A part of what a run printed."""

    def __init__(self, run: Run, question: Question) -> None:
        self.run, self.question = run, question

    @cached_property
    def _keys(self) -> list[int]:
        """The pieces that are asked about, in the order in which they came; an index tells them without their texts."""
        found = self.run.console.order_by("pk")
        if self.question.stream:
            found = found.filter(stream=self.question.stream)
        if self.question.before is not None:
            found = found.filter(pk__lt=self.question.before)
        if self.question.after is not None:
            found = found.filter(pk__gt=self.question.after)
        return list(found.values_list("pk", flat=True))

    @cached_property
    def _shown(self) -> list[ConsoleChunk]:
        """The last pieces that fill a page, or that a search goes through."""
        room = SEARCH_CHARACTERS if self.question.filters else PAGE_CHARACTERS
        found: list[ConsoleChunk] = []
        for keys in _some(self._keys[::-1]):
            for chunk in self.run.console.filter(pk__in=keys).order_by("-pk"):
                if room <= 0:
                    return found[::-1]
                found.append(chunk)
                room -= len(chunk.text)
        return found[::-1]

    @cached_property
    def lines(self) -> list[Line]:
        """What is shown."""
        return self._found[-MOST_FOUND if self.question.filters else -MOST_LINES :]

    @property
    def is_cut(self) -> bool:
        """Lines before those that are shown are left out, and no cursor leads to them."""
        return not self.question.filters and len(self._found) > MOST_LINES

    @cached_property
    def _found(self) -> list[Line]:
        return [line for line in ranked(lines_of(self._shown)) if self._matches(line)]

    def _matches(self, line: Line) -> bool:
        least = {"": 0, "warning": 1, "error": 2}[self.question.level]
        return line.rank >= least and self.question.find.lower() in plain(line.text).lower()

    @property
    def found_count(self) -> int:
        """How many lines match."""
        return len(self._found)

    @property
    def is_empty(self) -> bool:
        """Nothing was printed, or nothing was sent."""
        return not self._keys and self.question.before is None

    @property
    def is_going_on(self) -> bool:
        """More may be printed."""
        return self.run.status in (RunStatus.RUNNING, RunStatus.SCHEDULED)

    @property
    def earlier(self) -> int | None:
        """The cursor of the part before; None at the beginning."""
        has_more = len(self._shown) < len(self._keys)
        return self._shown[0].pk if has_more and self._shown else None

    @property
    def last(self) -> int:
        """The cursor from which to ask for what is printed next."""
        return self._keys[-1] if self._keys else self.question.after or 0


def lines_of(chunks: Iterable[ConsoleChunk]) -> Iterator[Line]:
    """Whole lines in the order in which they ended; of a line that was written over, what stood there in the end."""
    pending: dict[str, list[str]] = {"stdout": [], "stderr": []}
    for chunk in chunks:
        first, *whole = chunk.text.split("\n")
        parts = pending[chunk.stream]
        parts.append(first)
        for text in whole:
            yield Line(chunk.stream, _last_state("".join(parts)))
            parts[:] = [text]
    for stream, parts in pending.items():
        if any(parts):
            yield Line(stream, _last_state("".join(parts)))


def ranked(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines with their ranks; an indented line goes on with what the line before began."""
    rank = 0
    for line in lines:
        text = plain(line.text)
        match = _LEVEL.search(text[:_LEVEL_PLACE])
        if match:
            rank = 2 if match["trace"] else _RANKS[match[1]]
        elif not text.startswith((" ", "\t")):
            rank = 0
        yield Line(line.stream, line.text, rank)


def whole_text(run: Run) -> Iterator[str]:
    """All that a run printed, as it came."""
    keys = list(run.console.order_by("pk").values_list("pk", flat=True))
    for some in _some(keys):
        yield from run.console.filter(pk__in=some).order_by("pk").values_list("text", flat=True)


def _some(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), _PIECES_AT_ONCE):
        yield keys[start : start + _PIECES_AT_ONCE]


def _last_state(text: str) -> str:
    return text.rstrip("\r").rpartition("\r")[2][:LONGEST_LINE]


def _one_of(query: QueryDict, name: str, choices: Iterable[str]) -> str:
    value = query.get(name, "")
    if value not in choices:
        known = ", ".join(choice for choice in choices if choice)
        raise InvalidValue(f"{name}={value[:40]!r} is not one of {known}.", field=name)
    return value
