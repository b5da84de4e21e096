"""All of a table's state, as its address holds it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from runs.search import SearchError, grammar
from runs.search.errors import UNSTORABLE

PAGE_SIZES = (25, 50, 100, 250)
DEFAULT_SIZE = 50
MAX_PINS = 20
MAX_COLUMNS = 100
MAX_LEVELS = 5
VIEWS = ("table", "split", "charts")
SPREADS = ("sd", "se", "ci", "median")
#: Which runs are drawn in the charts, beside a list of their ids.
DRAWS = ("5", "10", "best", "page", "none")
#: What is grouped by all params but seeds.
BY_SEEDS = "seeds"

Change = str | None | Sequence[str]


@dataclass(frozen=True)
class State:
    """What the address asks for. `known` is a filter that was right when `text`, written after it, was not; `first` is
    the row to begin with, counted from 1.
    """

    text: str = ""
    known: str = ""
    sort: str = ""
    descending: bool = False
    cursor: str | None = None
    first: int = 1
    size: int = DEFAULT_SIZE
    columns: tuple[str, ...] = ()
    every_param: bool = False
    groups: tuple[str, ...] = ()
    spread: str = "sd"
    base: str = ""
    pins: tuple[str, ...] = ()
    percent: bool = False
    flat: bool = False
    view: str = "table"
    draw: str = "5"
    drawn: tuple[str, ...] = ()
    trash: bool = False

    @classmethod
    def of(cls, query: QueryDict) -> "State":
        """Read the query of an address; what makes no sense there counts as nothing said."""
        size, draws = query.get("rows", ""), _storable(query.getlist("draw"))
        return cls(
            text=query.get("q", "").strip(),
            known=query.get("known", "").strip(),
            sort=query.get("sort", ""),
            descending=query.get("desc") == "1",
            cursor=query.get("cursor") or None,
            first=_whole(query.get("first", "")),
            size=int(size) if size in map(str, PAGE_SIZES) else DEFAULT_SIZE,
            columns=_storable(query.getlist("column"))[:MAX_COLUMNS],
            every_param=query.get("params") == "all",
            groups=_storable(query.getlist("group"))[:MAX_LEVELS],
            spread=_one_of(query.get("spread"), SPREADS),
            base=next(iter(_storable(query.getlist("base")[:1])), ""),
            pins=_storable(query.getlist("pin"))[:MAX_PINS],
            percent=query.get("delta") == "percent",
            flat=query.get("tree") == "off",
            view=_one_of(query.get("view"), VIEWS),
            draw=draws[0] if len(draws) == 1 and draws[0] in DRAWS else "5" if not draws else "chosen",
            drawn=draws if draws and draws[0] not in DRAWS else (),
            trash=query.get("trash") == "1",
        )

    @property
    def order(self) -> list[str]:
        """What to sort by, in the words of `Run.objects.search`; nothing for the usual order."""
        return [f"{self.sort} {'DESC' if self.descending else 'ASC'}"] if self.sort else []

    def with_known_order(self) -> "State":
        """The same, without an order that can't be read."""
        try:
            grammar.parse_order(self.order)
        except SearchError:
            return replace(self, sort="", descending=False)
        return self

    def fields(self, **changes: Change) -> list[tuple[str, str]]:
        """This state with changes, as the fields of a form. The cursor is none of them: a new filter or order starts
        at the first page.
        """
        said: dict[str, Any] = {
            "q": self.text,
            "sort": self.sort,
            "desc": "1" if self.descending else "",
            "rows": "" if self.size == DEFAULT_SIZE else str(self.size),
            "column": self.columns,
            "params": "all" if self.every_param else "",
            "group": self.groups,
            "spread": "" if self.spread == "sd" else self.spread,
            "base": self.base,
            "pin": self.pins,
            "delta": "percent" if self.percent else "",
            "tree": "off" if self.flat else "",
            "view": "" if self.view == "table" else self.view,
            "draw": self.drawn or ("" if self.draw in ("5", "chosen") else self.draw),
            "trash": "1" if self.trash else "",
        } | changes
        lists = [(name, [value] if isinstance(value, str) else list(value or ())) for name, value in said.items()]
        return [(name, value) for name, values in lists for value in values if value]

    def address(self, **changes: Change) -> str:
        """This state with changes, as a query."""
        return "?" + urlencode(self.fields(**changes))


def _whole(text: str) -> int:
    digits = text.strip().replace(",", "")
    return max(1, int(digits)) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 1


def _storable(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text and not UNSTORABLE.search(text)))


def _one_of(text: str | None, choices: Sequence[str]) -> str:
    return text if text is not None and text in choices else choices[0]
