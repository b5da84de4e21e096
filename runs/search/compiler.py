"""Turns clauses and orders into SQL. There is no other matching: what a filter means is what the database says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import OrderBy

from runs.models import INDEXED_CHARACTERS, Metric, Param, Run, Tag
from runs.search.grammar import Clause, Kind, Order
from runs.search.lookups import Head

_LOOKUPS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte", "LIKE": "sql_like", "ILIKE": "sql_ilike"}
_TEXTS: dict[Kind, type[Param] | type[Tag]] = {Kind.PARAM: Param, Kind.TAG: Tag}


@dataclass(frozen=True)
class SortColumn:
    """A column that a search is sorted by. Missing values come last both ways."""

    name: str
    descending: bool


#: What of a row is sorted by; params that are numbers come first, as numbers.
_SORTED_BY = {Kind.METRIC: ("last",), Kind.PARAM: ("number", "value"), Kind.TAG: ("value",)}

#: Ties are broken by these, as in MLflow.
TIES = (SortColumn("start_time", descending=True), SortColumn("run_id", descending=False))


def matching(clauses: Sequence[Clause]) -> Q:
    """What a run must be like to meet all clauses."""
    condition = Q()
    for clause in clauses:
        condition &= _condition(clause)
    return condition


def _condition(clause: Clause) -> Q:
    if clause.kind is Kind.ATTRIBUTE:
        return _compared(clause.key, clause)
    if clause.operator in ("IS NULL", "IS NOT NULL"):
        having = Q(pk__in=_texts(clause).values("run"))
        return ~having if clause.operator == "IS NULL" else having
    if clause.kind is Kind.METRIC:
        return Q(pk__in=Metric.objects.filter(_compared("last", clause), key=clause.key).values("run"))
    if isinstance(clause.value, float):
        return Q(pk__in=_texts(clause).filter(_compared("number", clause)).values("run"))
    return Q(pk__in=_matching_texts(clause).values("run"))


def _compared(column: str, clause: Clause) -> Q:
    """`column` against the clause's value. As in SQL, a missing value meets no comparison, != included."""
    if clause.operator == "=":
        return Q(**{column: clause.value})
    if clause.operator == "!=":
        return Q(**{f"{column}__isnull": False}) & ~Q(**{column: clause.value})
    if clause.operator == "IN":
        return Q(**{f"{column}__in": clause.value})
    if clause.operator == "NOT IN":
        return Q(**{f"{column}__isnull": False}) & ~Q(**{f"{column}__in": clause.value})
    return Q(**{f"{column}__{_LOOKUPS[clause.operator]}": clause.value})


def _texts(clause: Clause) -> QuerySet[Any]:
    return _TEXTS[clause.kind].objects.filter(key=clause.key)


def _matching_texts(clause: Clause) -> QuerySet[Any]:
    """Rows of the clause's key whose value fits. Equal ones are found by their indexed head, then looked at whole."""
    texts = _texts(clause)
    if clause.operator not in ("=", "IN"):
        return texts.filter(_compared("value", clause))
    wanted = clause.value if isinstance(clause.value, tuple) else (clause.value,)
    heads = [str(value)[:INDEXED_CHARACTERS] for value in wanted]
    return texts.alias(head=Head("value")).filter(head__in=heads, value__in=wanted)


def needs_duration(items: Iterable[Clause | Order]) -> bool:
    """Whether `duration` is asked for, which no column holds."""
    return any(item.kind is Kind.ATTRIBUTE and item.key == "duration" for item in items)


#: Milliseconds from start to end; empty while a run goes on.
DURATION = F("end_time") - F("start_time")


def sort_columns(orders: Sequence[Order]) -> tuple[dict[str, Any], tuple[SortColumn, ...]]:
    """The columns to sort by, and the annotations that make those which a run does not have."""
    made: dict[str, Any] = {}
    columns: list[SortColumn] = []
    for place, order in enumerate(orders):
        if order.kind is Kind.ATTRIBUTE:
            columns.append(SortColumn(order.key, order.descending))
            continue
        for column in _SORTED_BY[order.kind]:
            name = f"sort_{place}_{column}"
            made[name] = _value_of(order, column)
            columns.append(SortColumn(name, order.descending))
    known = {column.name for column in columns}
    return made, (*columns, *(column for column in TIES if column.name not in known))


def _value_of(order: Order, column: str) -> Subquery:
    model: Any = Metric if order.kind is Kind.METRIC else _TEXTS[order.kind]
    return Subquery(model.objects.filter(run=OuterRef("pk"), key=order.key).values(column)[:1])


def ordering(columns: Sequence[SortColumn], backwards: bool = False) -> list[OrderBy]:
    """`order_by` arguments; `backwards` is the same order from its end."""
    empty = nullable(columns)
    nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
    return [
        OrderBy(F(column.name), descending=column.descending != backwards, **(nulls if column.name in empty else {}))
        for column in columns
    ]


def nullable(columns: Sequence[SortColumn]) -> set[str]:
    """Columns that may be empty. Saying NULLS LAST of the others would keep the database from reading an index."""
    filled = {field.name for field in Run._meta.get_fields() if not getattr(field, "null", True)}
    return {column.name for column in columns} - filled
