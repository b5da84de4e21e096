"""Where the controls of a table lead, and what their forms keep of its state."""

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from runs.search.languages import Kind
from runs.system_tags import OF_CLIENTS
from runs.table.columns import Column
from runs.table.groups import FIELDS
from runs.table.state import BY_SEEDS, PAGE_SIZES

if TYPE_CHECKING:
    from runs.table.table import RunTable

VIEWS = (("table", "Table", "table"), ("split", "Split", "columns-2"), ("charts", "Charts", "chart-line"))
SPREADS = (
    ("sd", "± standard deviation"),
    ("se", "± standard error"),
    ("ci", "± 95 % confidence"),
    ("median", "median, lowest to highest"),
)
DRAWS = (("5", "first 5"), ("10", "first 10"), ("best", "best 10"), ("page", "this page"), ("none", "none"))

Fields = list[tuple[str, str]]


class Links:
    """Addresses of one table. Each keeps the rest of what is shown."""

    page_sizes = PAGE_SIZES
    spreads = SPREADS

    def __init__(self, table: "RunTable") -> None:
        self._table, self._state = table, table.state

    @property
    def here(self) -> str:
        """This page of it."""
        first = str(self._state.first) if self._state.first > 1 else ""
        return self._state.address(cursor=self._state.cursor, first=first)

    @property
    def search_fields(self) -> Fields:
        """What the filter's form keeps, and the filter that is to stay if the new one can't be read."""
        known = self._table.filter.text
        return [*self._state.fields(q=None), *([("known", known)] if known else [])]

    @property
    def column_fields(self) -> Fields:
        """What the choice of columns keeps."""
        return self._state.fields(column=None, params=None)

    @property
    def paging_fields(self) -> Fields:
        """What the number of rows and the spread of groups keep."""
        return self._state.fields(rows=None, spread=None)

    @property
    def views(self) -> list[tuple[str, ...]]:
        """Table, charts or both: (name, words, icon, address)."""
        return [
            (name, words, icon, self._state.address(view=name if name != "table" else ""))
            for name, words, icon in VIEWS
        ]

    @property
    def draws(self) -> list[tuple[str, str, str]]:
        """Which runs the charts draw: (name, words, address)."""
        return [(name, words, self._state.address(draw=name if name != "5" else "")) for name, words in DRAWS]

    @property
    def every_param(self) -> str:
        """With all params."""
        return self._state.address(params="all")

    @property
    def varying_params(self) -> str:
        """With the params that differ."""
        return self._state.address(params=None)

    @property
    def usual_columns(self) -> str:
        """With the columns that nobody chose."""
        return self._state.address(column=None)

    @property
    def spread_words(self) -> str:
        """What stands in the cells of groups."""
        words = dict(SPREADS)[self._state.spread]
        return words if self._state.spread == "median" else f"mean {words}"

    @property
    def without_base(self) -> str:
        """Without a baseline."""
        return self._state.address(base=None, delta=None)

    @property
    def other_distances(self) -> str:
        """With distances from the baseline in percent, or as they are."""
        return self._state.address(delta=None if self._state.percent else "percent")

    @property
    def unfiltered(self) -> str:
        """Without the filter."""
        return self._state.address(q=None)

    @property
    def ungrouped(self) -> str:
        """Without groups."""
        return self._state.address(group=None, spread=None)

    @property
    def by_seeds(self) -> str:
        """With repetitions in groups."""
        return self._state.address(group=BY_SEEDS)

    @property
    def levels(self) -> list[tuple[str, str]]:
        """What the runs can be grouped by, below the levels that there are: (label, address)."""
        contents = self._table.contents
        params = [(key, Column(Kind.PARAM, key).field) for key in sorted(contents.params_in_use)]
        tags = {key for tags in contents.tags.values() for key in tags if not key.startswith(OF_CLIENTS)}
        fields = [(label, text) for text, label in FIELDS.items() if text != "experiment" or not self._table.experiment]
        offered = [*fields, *params, *((key, Column(Kind.TAG, key).field) for key in sorted(tags))]
        taken = self._state.groups
        return [(label, self._state.address(group=(*taken, text))) for label, text in offered if text not in taken]

    @property
    def exports(self) -> list[tuple[str, str]]:
        """All runs that the filter finds, as files of the API: (kind, address)."""
        experiment, state = self._table.experiment, self._state
        asked = [("experiment", str(experiment.pk))] if experiment else []
        asked += [("filter", self._table.filter.text)] if self._table.filter.text else []
        asked += [("order_by", term) for term in state.order]
        query = urlencode(asked)
        return [(kind, f"/api/v1/export/runs.{kind}?{query}") for kind in ("csv", "json", "parquet")]

    @property
    def markdown(self) -> str:
        """The rows of this page as a Markdown table."""
        experiment = self._table.experiment
        path = f"/experiments/{experiment.pk}/table.md" if experiment else "/search/table.md"
        return path + self._state.address(cursor=self._state.cursor)
