"""Searches experiments, as MLflow's `search_experiments` does."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from experiments.models import NOTE_TAG, ExperimentTag
from runs.search import grammar
from runs.search.compiler import compared, matching, presence
from runs.search.errors import SearchError
from runs.search.languages import Kind, Language, named
from runs.search.sorting import SortColumn
from runs.search.tree import Clause

LANGUAGE = Language(
    entities=named(attribute=("attribute", "attributes", "attr"), tag=("tag", "tags")),
    attributes={
        "name": "name",
        "experiment_id": "pk",
        "creation_time": "creation_time",
        "last_update_time": "last_update_time",
    },
    numeric_attributes=frozenset({"creation_time", "last_update_time"}),
)
NEWEST_FIRST = ("creation_time DESC", "experiment_id ASC")
INT64_DIGITS = 18


def search(found: Any, text: str = "", order_by: Sequence[str] = ()) -> tuple[Any, tuple[SortColumn, ...]]:
    """Those of a queryset of experiments that meet a filter, and the columns to sort them by.

    Errors: SearchError with the place and the remedy.
    """
    return found.filter(matching(grammar.parse(text, LANGUAGE), _condition)), _sort_columns(order_by)


def _sort_columns(order_by: Sequence[str]) -> tuple[SortColumn, ...]:
    """Newest first for no order. Ties are broken by the id, the younger one first."""
    orders = grammar.parse_order(order_by or NEWEST_FIRST, LANGUAGE)
    if any(order.kind is not Kind.ATTRIBUTE for order in orders):
        raise SearchError("order_by: experiments are sorted by attributes alone.", field="order_by")
    columns = [SortColumn(order.key, order.descending, may_be_empty=False) for order in orders]
    has_key = any(column.name == "pk" for column in columns)
    return tuple(columns) if has_key else (*columns, SortColumn("pk", descending=True, may_be_empty=False))


def _condition(clause: Clause) -> Q:
    if clause.kind is Kind.ATTRIBUTE:
        return _id(clause) if clause.key == "pk" else compared(clause.key, clause)
    if clause.key == NOTE_TAG:
        return ~Q(note="") & compared("note", clause) if clause.value is not None else presence(~Q(note=""), clause)
    tags = ExperimentTag.objects.filter(key=clause.key)
    if clause.value is None:
        return presence(Q(pk__in=tags.values("experiment")), clause)
    return Q(pk__in=tags.filter(compared("value", clause)).values("experiment"))


def _id(clause: Clause) -> Q:
    """Ids are written as text, and are numbers."""
    if clause.operator not in ("=", "!=", "IN", "NOT IN"):
        raise SearchError("An experiment_id is compared by =, !=, IN or NOT IN.", clause.place.column)
    texts: tuple[Any, ...] = clause.value if isinstance(clause.value, tuple) else (clause.value,)
    for text in texts:
        if not (text.isascii() and text.isdigit() and len(text) <= INT64_DIGITS):
            raise SearchError(f"{text[:80]!r} is no experiment_id: it is a whole number.", clause.place.column)
    ids = Q(pk__in=[int(text) for text in texts])
    return ids if clause.operator in ("=", "IN") else ~ids
