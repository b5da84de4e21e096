"""Searches models, as MLflow's `search_logged_models` does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, FloatField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast

from registry.models import LoggedModel, ModelMetric, ModelParam, ModelTag
from runs.paging import Page, page_along
from runs.search import SearchError, grammar
from runs.search.compiler import compared, is_about_numbers, matching, of_number, presence
from runs.search.languages import Kind, Language, named
from runs.search.sorting import SortColumn, ordering
from runs.search.tree import Clause, clauses_of

_ATTRIBUTES = {
    "name": "name",
    "model_id": "model_id",
    "model_type": "model_type",
    "status": "status",
    "source_run_id": "source_run_id",
    "creation_time": "creation_time",
    "creation_timestamp": "creation_time",
    "creation_timestamp_ms": "creation_time",
    "last_updated_timestamp": "last_update_time",
    "last_updated_timestamp_ms": "last_update_time",
}
LANGUAGE = Language(
    entities=named(attribute=("attributes",), metric=("metrics",), param=("params",), tag=("tags",)),
    attributes=_ATTRIBUTES,
    numeric_attributes=frozenset({"creation_time", "last_update_time"}),
)
_TEXTS: dict[Kind, type[ModelParam] | type[ModelTag]] = {Kind.PARAM: ModelParam, Kind.TAG: ModelTag}
#: Params that are compared with numbers.
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
#: Newest first; ties are broken by id.
_TIES = (
    SortColumn("creation_time", descending=True, may_be_empty=False),
    SortColumn("model_id", descending=False, may_be_empty=False),
)
MAX_ORDER_TERMS = 10


@dataclass(frozen=True)
class Dataset:
    """The data that metrics are looked at for; any digest for ""."""

    name: str
    digest: str = ""

    def rows(self) -> Q:
        """Its metrics."""
        return Q(dataset_name=self.name) & (Q(dataset_digest=self.digest) if self.digest else Q())


@dataclass(frozen=True)
class Order:
    """A term of an order: an attribute, or `metrics.<key>`, maybe on some data."""

    field: str
    ascending: bool = True
    dataset: Dataset | None = None


def search(
    experiments: Sequence[int],
    text: str = "",
    datasets: Sequence[Dataset] = (),
    orders: Sequence[Order] = (),
    cursor: str | None = None,
    size: int = 100,
) -> Page:
    """A page of the active models of some experiments that meet a filter, and were tried on one of some datasets.

    Errors: SearchError; InvalidValue for a cursor that is not ours, or of another order.
    """
    filter_ = grammar.parse(text, LANGUAGE)
    on_data = _any_of(datasets)
    condition = Q(experiment__in=experiments) & matching(filter_, lambda clause: _condition(clause, on_data))
    if datasets and not any(clause.kind is Kind.METRIC for clause in clauses_of(filter_)):
        condition &= Q(pk__in=ModelMetric.objects.filter(on_data).values("model"))
    made, columns = _sort_columns(orders)
    found = LoggedModel.objects.active().with_all().annotate(**made).filter(condition)
    return page_along(found.order_by(*ordering(columns)), columns, cursor, size)


def _any_of(datasets: Sequence[Dataset]) -> Q:
    condition = Q()
    for dataset in datasets:
        condition |= dataset.rows()
    return condition


def _condition(clause: Clause, on_data: Q) -> Q:
    if clause.kind is Kind.ATTRIBUTE:
        return compared(clause.key, clause)
    if clause.kind is Kind.METRIC:
        metrics = ModelMetric.objects.filter(on_data, key=clause.key)
        if clause.value is None:
            return presence(Q(pk__in=metrics.values("model")), clause)
        return Q(pk__in=metrics.filter(compared("value", clause)).values("model"))
    texts: QuerySet[Any] = _TEXTS[clause.kind].objects.filter(key=clause.key)
    if clause.value is None:
        return presence(Q(pk__in=texts.values("model")), clause)
    if is_about_numbers(clause):
        number = Case(When(value__matches=_NUMBER, then=Cast("value", FloatField())))
        return Q(pk__in=texts.annotate(number=number).filter(of_number("number", clause)).values("model"))
    return Q(pk__in=texts.filter(compared("value", clause)).values("model"))


def _sort_columns(orders: Sequence[Order]) -> tuple[dict[str, Any], tuple[SortColumn, ...]]:
    """The columns to sort by, and the annotations that make those which a model does not have."""
    if len(orders) > MAX_ORDER_TERMS:
        raise SearchError(f"order_by has {len(orders)} terms. {MAX_ORDER_TERMS} are allowed.", field="order_by")
    made: dict[str, Any] = {}
    columns: list[SortColumn] = []
    for place, order in enumerate(orders):
        entity, dot, key = order.field.partition(".")
        if not dot:
            columns.append(SortColumn(_attribute(order.field), not order.ascending, may_be_empty=False))
        elif entity == "metrics" and key:
            name = f"sort_{place}"
            made |= _last_value(name, key, order.dataset)
            columns += [SortColumn(f"{name}_{part}", not order.ascending, repr(order)) for part in ("value", "nan")]
        else:
            raise SearchError(f"order_by: {order.field[:80]!r} is neither an attribute nor a metric.", field="order_by")
    known = {column.name for column in columns}
    return made, (*columns, *(tie for tie in _TIES if tie.name not in known))


def _attribute(name: str) -> str:
    if name not in _ATTRIBUTES:
        raise SearchError(f"order_by: {name[:80]!r} is unknown. Use {', '.join(_ATTRIBUTES)}.", field="order_by")
    return _ATTRIBUTES[name]


def _last_value(name: str, key: str, dataset: Dataset | None) -> dict[str, Any]:
    """Numbers, then NaN, then models without the metric."""
    rows = ModelMetric.objects.filter(dataset.rows() if dataset else Q(), model=OuterRef("pk"), key=key)
    last = rows.order_by("-timestamp", "-step", "run__run_id")
    is_nan = When(**{f"{name}_value": None, f"{name}_row__isnull": False}, then=Value(1))
    return {
        f"{name}_value": Subquery(last.values("value")[:1]),
        f"{name}_row": Subquery(last.values("pk")[:1]),
        f"{name}_nan": Case(is_nan),
    }
