"""What an address asks the compare page for."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.http import QueryDict

from runs.comparing.plots.choice import Choice
from runs.comparing.reproduction import TOLERANCE
from trackerweb.errors import InvalidValue
from trackerweb.forms import INT64_MIN, whole_number

Statistic = Literal["last", "min", "max", "mean", "step"]
STATISTICS: tuple[Statistic, ...] = ("last", "min", "max", "mean", "step")
TABS = ("charts", "params", "metrics", "code", "media", "plots", "notes")
#: How pictures of a key are held against each other.
MODES = {"side": "Side by side", "difference": "Difference", "swipe": "Swipe", "onion": "Onion skin"}
#: Columns that a table of runs has at once; the base comes on top of them.
PAGE_COLUMNS = 50


@dataclass(frozen=True)
class State:
    """The query of an address, read. `query` is the filter of a live comparison, None where runs are named. `one` and
    `other` are the runs whose code is compared, `at` the step of media, `tolerance` how far metrics of a rerun may lie
    from those before, as a part of them.
    """

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
    one: str = ""
    other: str = ""
    at: int | None = None
    mode: str = "side"
    tolerance: float = TOLERANCE
    plots: Choice = field(default_factory=Choice)

    @classmethod
    def of(cls, query: QueryDict) -> "State":
        """Read the query of an address.

        Errors: InvalidValue names what is wrong, and what there is.
        """
        return cls(
            run_ids=tuple(dict.fromkeys(query.getlist("run"))),
            query=query.get("q", "").strip() if "q" in query else None,
            experiment=whole_number(query, "experiment"),
            sort=query.get("sort", ""),
            descending=query.get("desc") == "1",
            selection=query.get("selection", ""),
            base=query.get("base", ""),
            tab=_one_of(query, "tab", TABS),
            statistic=_one_of(query, "value", STATISTICS),
            step=whole_number(query, "step") or 0,
            equal=query.get("equal") == "1",
            percent=query.get("delta") == "percent",
            seeds=query.get("group") == "seeds",
            first=(whole_number(query, "first", 1) or 1) - 1,
            one=query.get("one", ""),
            other=query.get("other", ""),
            at=whole_number(query, "at", INT64_MIN),
            tolerance=_tolerance(query.get("tolerance", "").strip()),
            plots=Choice.of(query),
            mode=_one_of(query, "mode", tuple(MODES)),
        )

    @property
    def order(self) -> list[str]:
        """What a live comparison is sorted by; nothing for the newest first."""
        return [f"{self.sort} {'DESC' if self.descending else 'ASC'}"] if self.sort else []

    @property
    def tolerance_text(self) -> str:
        """The tolerance as people write it."""
        return f"{self.tolerance:g}"


def _tolerance(text: str) -> float:
    try:
        value = float(text or TOLERANCE)
    except ValueError:
        value = -1.0
    if not 0 <= value < math.inf:
        raise InvalidValue(f"tolerance={text[:40]!r} is no part such as 1e-6, from 0 on.", field="tolerance")
    return value


def _one_of(query: QueryDict, name: str, choices: Sequence[str]) -> Any:
    value = query.get(name) or choices[0]
    if value not in choices:
        raise InvalidValue(f"{name}={value[:40]!r} is not one of {', '.join(choices)}.", field=name)
    return value
