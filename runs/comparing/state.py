"""What an address asks the compare page for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.http import QueryDict

from trackerweb.api import INT64_MAX
from trackerweb.errors import InvalidValue

Statistic = Literal["last", "min", "max", "mean", "step"]
STATISTICS: tuple[Statistic, ...] = ("last", "min", "max", "mean", "step")
TABS = ("charts", "params", "metrics", "code", "media", "plots", "notes")
#: Columns that a table of runs has at once; the base comes on top of them.
PAGE_COLUMNS = 50


@dataclass(frozen=True)
class State:
    """The query of an address, read. `query` is the filter of a live comparison, None where runs are named."""

    run_ids: tuple[str, ...] = ()
    query: str | None = None
    experiment: int | None = None
    sort: str = ""
    descending: bool = False
    selection: str = ""
    base: str = ""
    tab: str = "charts"
    statistic: Statistic = "last"
    step: int = 0
    equal: bool = False
    percent: bool = False
    seeds: bool = False
    first: int = 0

    @classmethod
    def of(cls, query: QueryDict) -> "State":
        """Read the query of an address.

        Errors: InvalidValue names what is wrong, and what there is.
        """
        return cls(
            run_ids=tuple(dict.fromkeys(query.getlist("run"))),
            query=query.get("q", "").strip() if "q" in query else None,
            experiment=_whole(query, "experiment", None),
            sort=query.get("sort", ""),
            descending=query.get("desc") == "1",
            selection=query.get("selection", ""),
            base=query.get("base", ""),
            tab=_one_of(query, "tab", TABS),
            statistic=_one_of(query, "value", STATISTICS),
            step=_whole(query, "step", 0) or 0,
            equal=query.get("equal") == "1",
            percent=query.get("delta") == "percent",
            seeds=query.get("group") == "seeds",
            first=(_whole(query, "first", 1) or 1) - 1,
        )

    @property
    def order(self) -> list[str]:
        """What a live comparison is sorted by; nothing for the newest first."""
        return [f"{self.sort} {'DESC' if self.descending else 'ASC'}"] if self.sort else []


def _one_of(query: QueryDict, name: str, choices: Sequence[str]) -> Any:
    value = query.get(name) or choices[0]
    if value not in choices:
        raise InvalidValue(f"{name}={value[:40]!r} is not one of {', '.join(choices)}.", field=name)
    return value


def _whole(query: QueryDict, name: str, default: int | None) -> int | None:
    text = query.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= INT64_MAX):
        raise InvalidValue(f"{name}={text[:40]!r} is no whole number from 0 on.", field=name)
    return int(text)
