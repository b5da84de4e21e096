"""Turns orders into SQL, and says what a page's cursor holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, FilteredRelation, Q, Value, When
from django.db.models.expressions import Combinable, OrderBy

from runs import system_tags
from runs.models import Run
from runs.search.languages import Kind
from runs.search.lookups import Head
from runs.search.tree import Order


@dataclass(frozen=True)
class SortColumn:
    """A column that a search is sorted by. Missing values come last both ways, if there may be any: saying so of others
    would keep the database from reading an index. `of` tells columns apart that are named alike in two searches.
    """

    name: str
    descending: bool
    of: str = ""
    may_be_empty: bool = True


#: Ties are broken by these, as in MLflow.
TIES = (
    SortColumn("start_time", descending=True, may_be_empty=False),
    SortColumn("run_id", descending=False, may_be_empty=False),
)
_FILLED = {field.name for field in Run._meta.get_fields() if not getattr(field, "null", True)}


def _of_field(order: Order) -> Order:
    """The order by a field that is meant by an order by its tag."""
    if order.kind is Kind.TAG and order.key in system_tags.FIELDS:
        return Order(Kind.ATTRIBUTE, system_tags.FIELDS[order.key], order.descending)
    return order


def sort_columns(orders: Sequence[Order]) -> tuple[dict[str, Any], tuple[SortColumn, ...]]:
    """The columns to sort by, and the annotations that make those which a run does not have."""
    made: dict[str, Any] = {}
    columns: list[SortColumn] = []
    for place, order in enumerate(map(_of_field, orders)):
        parts: dict[str, Combinable] = {}
        if order.kind is not Kind.ATTRIBUTE:
            relation = f"at_{place}"
            made[relation] = FilteredRelation(order.kind.value, condition=Q(**{f"{order.kind}__key": order.key}))
            parts = _SORTED_BY[order.kind](relation, order.statistic)
        elif order.key in _LONG_TEXTS:
            parts = {"value": Head(order.key)}
        else:
            columns.append(SortColumn(order.key, order.descending, may_be_empty=order.key not in _FILLED))
        for part, expression in parts.items():
            name = f"sort_{place}_{part}"
            made[name] = expression
            columns.append(SortColumn(name, order.descending, f"{order.kind}.{order.key} {order.statistic}"))
    known = {column.name for column in columns}
    return made, (*columns, *(column for column in TIES if column.name not in known))


#: Texts of any length are sorted by their heads, since a cursor holds what was sorted by.
_LONG_TEXTS = {"name", "user", "source_name", "source_type", "git_commit", "note", "entry_point", "experiment__name"}


def _metric_parts(relation: str, statistic: str) -> dict[str, Combinable]:
    """Numbers, then NaN, then runs without the metric, as in MLflow."""
    column = f"{relation}__{statistic}"
    is_nan = When(**{column: None, f"{relation}__id__isnull": False}, then=Value(1))
    return {"number": F(column), "nan": Case(is_nan)}


def _param_parts(relation: str, _: str) -> dict[str, Combinable]:
    """Numbers first, as numbers: 0.1 and 1e-1 tie. Then texts."""
    is_text = When(**{f"{relation}__number": None}, then=Head(f"{relation}__value"))
    return {"number": F(f"{relation}__number"), "text": Case(is_text)}


def _tag_parts(relation: str, _: str) -> dict[str, Combinable]:
    return {"value": Head(f"{relation}__value")}


_SORTED_BY = {Kind.METRIC: _metric_parts, Kind.PARAM: _param_parts, Kind.TAG: _tag_parts}


def ordering(columns: Sequence[SortColumn], backwards: bool = False) -> list[OrderBy]:
    """`order_by` arguments; `backwards` is the same order from its end."""
    nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
    return [
        OrderBy(F(column.name), descending=column.descending != backwards, **(nulls if column.may_be_empty else {}))
        for column in columns
    ]
