"""Turns clauses and orders into SQL. There is no other matching: what a filter means is what the database says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, FilteredRelation, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable, OrderBy
from django.db.models.functions import Cast, Coalesce, Concat, NullIf

from runs import system_tags
from runs.models import INDEXED_CHARACTERS, DatasetUse, Metric, Param, Run, Tag
from runs.search.grammar import Clause, Order
from runs.search.languages import Kind
from runs.search.lookups import Head, Rest

_DATASETS = {"name": "dataset__name", "digest": "dataset__digest", "context": "context"}
_LOOKUPS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte", "LIKE": "sql_like", "ILIKE": "sql_ilike"}
_TEXTS: dict[Kind, type[Param] | type[Tag]] = {Kind.PARAM: Param, Kind.TAG: Tag}


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


def matching(clauses: Sequence[Clause]) -> Q:
    """What a run must be like to meet all clauses."""
    condition = Q()
    for clause in clauses:
        condition &= _condition(clause)
    return condition


def _condition(clause: Clause) -> Q:
    if clause.kind is Kind.ATTRIBUTE:
        return compared(clause.key, clause)
    if clause.kind is Kind.TAG and clause.key in system_tags.FIELDS:
        return _field_said(system_tags.FIELDS[clause.key], clause)
    if clause.kind is Kind.DATASET:
        return Q(pk__in=DatasetUse.objects.filter(compared(_DATASETS[clause.key], clause)).values("run"))
    if clause.value is None:
        return presence(Q(pk__in=_texts(clause).values("run")), clause)
    if clause.kind is Kind.METRIC:
        return Q(pk__in=Metric.objects.filter(_number("last", clause), key=clause.key).values("run"))
    if isinstance(clause.value, float):
        return Q(pk__in=_texts(clause).filter(_number("number", clause)).values("run"))
    return Q(pk__in=_matching_texts(clause).values("run"))


def _field_said(column: str, clause: Clause) -> Q:
    """A tag that is a field of the run: it is there when the field says something."""
    said = Q(**{f"{column}__isnull": False}) & ~Q(**{column: ""})
    if clause.value is None:
        return presence(said, clause)
    return said & compared(column, clause)


def presence(having: Q, clause: Clause) -> Q:
    """IS NOT NULL or IS NULL, given what having it means."""
    return ~having if clause.operator == "IS NULL" else having


def _number(column: str, clause: Clause) -> Q:
    """A metric's or param's number against the clause's value. What is no number (NaN, text) differs from any."""
    condition = compared(column, clause)
    return condition | Q(**{column: None}) if clause.operator == "!=" else condition


def compared(column: str, clause: Clause) -> Q:
    """`column` against the clause's value. As in SQL, a missing value meets no comparison, != included."""
    # An expression, so that Django does not cut 1000.5 or infinity down to a column's integers.
    value = Value(clause.value) if isinstance(clause.value, float) else clause.value
    if clause.operator == "=":
        return Q(**{column: value})
    if clause.operator == "!=":
        return Q(**{f"{column}__isnull": False}) & ~Q(**{column: value})
    if clause.operator == "IN":
        return Q(**{f"{column}__in": value})
    if clause.operator == "NOT IN":
        return Q(**{f"{column}__isnull": False}) & ~Q(**{f"{column}__in": value})
    return Q(**{f"{column}__{_LOOKUPS[clause.operator]}": value})


def _texts(clause: Clause) -> QuerySet[Any]:
    return _TEXTS[clause.kind].objects.filter(key=clause.key)


def _matching_texts(clause: Clause) -> QuerySet[Any]:
    """Rows of the clause's key whose value fits. Equal ones are found by their indexed head, then looked at whole."""
    texts = _texts(clause)
    if clause.operator not in ("=", "IN"):
        return texts.filter(compared("value", clause))
    wanted = clause.value if isinstance(clause.value, tuple) else (clause.value,)
    return texts.alias(head=Head("value"), rest=Rest("value")).filter(_equal_to_any(map(str, wanted)))


def _equal_to_any(wanted: Iterable[str]) -> Q:
    """Head and rest apart: given `value = ?` beside it, SQLite puts ? into the head's expression and misses the index.

    A head that is shorter than heads may be is the whole value.
    """
    short: list[str] = []
    condition = Q()
    for text in wanted:
        if len(text) < INDEXED_CHARACTERS:
            short.append(text)
        else:
            condition |= Q(head=text[:INDEXED_CHARACTERS], rest=text[INDEXED_CHARACTERS:])
    return condition | Q(head__in=short) if short else condition


#: Attributes that no column holds: milliseconds from start to end, empty while a run goes on; and where the files lie.
_MADE: dict[str, Combinable] = {
    "duration": F("end_time") - F("start_time"),
    "artifact_uri": Concat(
        Coalesce(
            NullIf("experiment__artifact_location", Value("")),
            Concat(Value("mlflow-artifacts:/"), Cast("experiment_id", TextField())),
        ),
        Value("/"),
        "run_id",
        Value("/artifacts"),
        output_field=TextField(),
    ),
}


def made_for(items: Iterable[Clause | Order]) -> dict[str, Combinable]:
    """Annotations for what is asked for and no column holds."""
    asked = {item.key for item in items if item.kind is Kind.ATTRIBUTE}
    return {name: expression for name, expression in _MADE.items() if name in asked}


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
            parts = _SORTED_BY[order.kind](relation)
        elif order.key in _LONG_TEXTS:
            parts = {"value": Head(order.key)}
        else:
            columns.append(SortColumn(order.key, order.descending, may_be_empty=order.key not in _FILLED))
        for part, expression in parts.items():
            name = f"sort_{place}_{part}"
            made[name] = expression
            columns.append(SortColumn(name, order.descending, f"{order.kind}.{order.key}"))
    known = {column.name for column in columns}
    return made, (*columns, *(column for column in TIES if column.name not in known))


#: Texts of any length are sorted by their heads, since a cursor holds what was sorted by.
_LONG_TEXTS = {"name", "user", "source_name", "source_type", "git_commit", "note", "entry_point"}


def _metric_parts(relation: str) -> dict[str, Combinable]:
    """Numbers, then NaN, then runs without the metric, as in MLflow."""
    is_nan = When(**{f"{relation}__last": None, f"{relation}__id__isnull": False}, then=Value(1))
    return {"last": F(f"{relation}__last"), "nan": Case(is_nan)}


def _param_parts(relation: str) -> dict[str, Combinable]:
    """Numbers first, as numbers: 0.1 and 1e-1 tie. Then texts."""
    is_text = When(**{f"{relation}__number": None}, then=Head(f"{relation}__value"))
    return {"number": F(f"{relation}__number"), "text": Case(is_text)}


def _tag_parts(relation: str) -> dict[str, Combinable]:
    return {"value": Head(f"{relation}__value")}


_SORTED_BY = {Kind.METRIC: _metric_parts, Kind.PARAM: _param_parts, Kind.TAG: _tag_parts}


def ordering(columns: Sequence[SortColumn], backwards: bool = False) -> list[OrderBy]:
    """`order_by` arguments; `backwards` is the same order from its end."""
    nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
    return [
        OrderBy(F(column.name), descending=column.descending != backwards, **(nulls if column.may_be_empty else {}))
        for column in columns
    ]
