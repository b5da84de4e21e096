"""The heads of a table's columns: links that sort by them."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.models import Direction
from runs.search.languages import Kind
from runs.table.columns import Column, Columns
from runs.table.state import State

#: What is looked at from its large end first, as are metrics that are better when they are higher.
_LARGE_FIRST = ("start_time", "duration", "end_time")
_NAME = Column(Kind.ATTRIBUTE, "run_name")


@dataclass(frozen=True)
class Heading:
    """A column's head: a link that sorts by it, turning round when it is sorted by already."""

    label: str
    field: str
    address: str
    css_class: str = ""
    direction: str = ""
    how: str = ""


def headings(state: State, columns: Columns, params: Sequence[Column], is_grouped: bool) -> list[Heading]:
    """The heads of all columns but the check box and the list of tags. Groups have neither fields nor tags."""
    fields = [] if is_grouped else columns.fields
    tags = [] if is_grouped else columns.tags
    by = state.sort or ("" if is_grouped else "start_time")
    headed = [
        *((column, _edges(place, fields, _kind(column, ""), "")) for place, column in enumerate(fields)),
        *((column, _edges(place, params, _kind(column, "text"))) for place, column in enumerate(params)),
        *((column, _edges(place, columns.metrics, "number")) for place, column in enumerate(columns.metrics)),
        *((column, "text starts-group") for column in tags),
    ]
    return [
        _heading(state, by, _NAME, "name", "Name"),
        *(_heading(state, by, column, css_class, column.label) for column, css_class in headed),
    ]


def _heading(state: State, by: str, column: Column, css_class: str, label: str) -> Heading:
    if by != column.field:
        large_first = column.field in _LARGE_FIRST or column.better is Direction.MAX
        address = state.address(sort=column.field, desc="1" if large_first else "")
        return Heading(label, column.field, address, css_class, how=column.how)
    descending = state.descending or not state.sort
    address = state.address(sort=column.field, desc="" if descending else "1")
    direction = "descending" if descending else "ascending"
    return Heading(label, column.field, address, css_class, direction, column.how)


def _kind(column: Column, otherwise: str) -> str:
    return "number" if column.is_number else otherwise


def _edges(place: int, columns: Sequence[Column], css_class: str, start: str = " starts-group") -> str:
    """CSS classes of a column, with those of the first and the last of its kind."""
    first = start if place == 0 else ""
    return css_class + first + (" ends-group" if place == len(columns) - 1 else "")
