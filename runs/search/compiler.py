"""Turns filters into SQL. There is no other matching: what a filter means is what the database says."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import BooleanField, CharField, ExpressionWrapper, F, Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Concat, Length, NullIf

from runs import system_tags
from runs.models import INDEXED_CHARACTERS, Artifact, DatasetUse, Metric, Param, Run, Tag
from runs.querysets import stale_q
from runs.search.languages import STALE, Kind
from runs.search.lookups import Head, Rest
from runs.search.tree import AnyOf, Clause, Node, Not, Order

_DATASETS = {"name": "dataset__name", "digest": "dataset__digest", "context": "context"}
_LOOKUPS = {
    "<": "lt", "<=": "lte", ">": "gt", ">=": "gte", "LIKE": "sql_like", "ILIKE": "sql_ilike", "~": "matches",
}  # fmt: skip
_TEXTS: dict[Kind, type[Param] | type[Tag]] = {Kind.PARAM: Param, Kind.TAG: Tag}
#: Conditions that are joined in one chain.
_BUNDLE = 20
#: Columns of runs that may be empty.
_MAY_BE_EMPTY = {"end_time", "parent_run_id"}
_OPPOSITES = {"!=": "=", "!~": "~", "NOT IN": "IN", "NOT BETWEEN": "BETWEEN"}


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
_TEXT_COLUMNS = {field.name for field in Run._meta.get_fields() if isinstance(field, CharField | TextField)}


def matching(node: Node, condition: Callable[[Clause], Q]) -> Q:
    """What a thing must be like to meet a filter, given what each of its clauses means.

    A clause is met or it is not: where nothing is there, `NOT (metrics.loss < 1)` holds.
    """
    if isinstance(node, Clause):
        return condition(node)
    if isinstance(node, Not):
        return ~matching(node.part, condition)
    joint = Q.OR if isinstance(node, AnyOf) else Q.AND
    return _joined([matching(part, condition) for part in node.parts], joint)


def _joined(parts: Sequence[Q], joint: str) -> Q:
    """Conditions put together, many of them in bundles: SQLite takes expressions up to a depth of 1,000, and a chain of
    ORs is as deep as it is long.
    """
    if len(parts) <= _BUNDLE:
        return Q(*parts, _connector=joint)
    bundles = [Q(*parts[start : start + _BUNDLE], _connector=joint) for start in range(0, len(parts), _BUNDLE)]
    return Q(*(Q(ExpressionWrapper(bundle, BooleanField())) for bundle in bundles), _connector=joint)


def of_run(clause: Clause) -> Q:
    """What a clause means of a run."""
    return _MEANINGS.get(clause.kind, _of_texts)(clause)


def _of_attribute(clause: Clause) -> Q:
    make = _MADE_CONDITIONS.get(clause.key)
    return make(clause) if make is not None else compared(clause.key, clause)


def _of_params_alike(clause: Clause) -> Q:
    """Runs whose params are those of other runs, seeds aside."""
    wanted = clause.value if isinstance(clause.value, tuple) else (clause.value,)
    alike = Q(configuration__in=Run.objects.filter(run_id__in=wanted).values("configuration"))
    return ~alike if clause.operator in _OPPOSITES else alike


def _of_artifact(clause: Clause) -> Q:
    if clause.value is None:
        return presence(Q(pk__in=Artifact.objects.values("run")), clause)
    return Q(pk__in=Artifact.objects.filter(compared("path", clause)).values("run"))


def _of_state(clause: Clause) -> Q:
    """The status as pages show it: a run that fell silent is STALE, not RUNNING."""
    wanted = clause.value if isinstance(clause.value, tuple) else (clause.value,)
    condition = Q(status__in=[status for status in wanted if status != "RUNNING"])
    if "RUNNING" in wanted:
        condition |= Q(status="RUNNING") & ~stale_q()
    if STALE in wanted:
        condition |= stale_q()
    return ~condition if clause.operator in _OPPOSITES else condition


def _of_metric(clause: Clause) -> Q:
    metrics = Metric.objects.filter(key=clause.key)
    if clause.value is None:
        return presence(Q(pk__in=metrics.filter(count__gt=0).values("run")), clause)
    found = metrics.filter(of_number(clause.statistic, clause))
    is_indexed = clause.statistic == "last" and clause.operator not in _OPPOSITES
    return _among(found, is_indexed)


def _among(rows: QuerySet[Any], is_indexed: bool) -> Q:
    """Runs that have one of these rows. Those that an index finds may be few, and are a good place to begin."""
    return Q(pk__in=rows.values("run")) if is_indexed else Q(pk__walked__in=rows.values("run"))


def _of_dataset(clause: Clause) -> Q:
    uses = DatasetUse.objects.all()
    if clause.value is None:
        has_it = ~Q(**{_DATASETS[clause.key]: None}) & ~Q(**{_DATASETS[clause.key]: ""})
        return presence(Q(pk__in=uses.filter(has_it).values("run")), clause)
    return Q(pk__in=uses.filter(compared(_DATASETS[clause.key], clause)).values("run"))


def _of_texts(clause: Clause) -> Q:
    """A param or a tag. A tag that is a field of the run is compared there."""
    if clause.kind is Kind.TAG and clause.key in system_tags.FIELDS:
        return _field_said(system_tags.FIELDS[clause.key], clause)
    if clause.value is None:
        return presence(Q(pk__in=_texts(clause).values("run")), clause)
    if is_about_numbers(clause):
        return _among(_texts(clause).filter(of_number("number", clause)), is_indexed=False)
    return _among(_matching_texts(clause), is_indexed=clause.operator in ("=", "IN"))


def _field_said(column: str, clause: Clause) -> Q:
    """A tag that is a field of the run: it is there when the field says something."""
    said = Q(**{f"{column}__isnull": False}) & ~Q(**{column: ""})
    if clause.value is None:
        return presence(said, clause)
    return said & compared(column, clause)


def _of_any(clause: Clause) -> Q:
    """A key whose kind is not said: a metric or a param next to a number, a param or a tag next to text."""
    kinds: tuple[Kind, ...] = (Kind.METRIC, Kind.PARAM) if is_about_numbers(clause) else (Kind.PARAM, Kind.TAG)
    if clause.value is None:
        kinds, sought = (Kind.METRIC, Kind.PARAM, Kind.TAG), replace(clause, operator="IS NOT NULL")
        return presence(Q(*(of_run(replace(sought, kind=kind)) for kind in kinds), _connector=Q.OR), clause)
    return Q(*(of_run(replace(clause, kind=kind)) for kind in kinds), _connector=Q.OR)


def _of_word(clause: Clause) -> Q:
    """A word in the name, a tag or the note."""
    tags = _written_tags().filter(Q(key__icontains=clause.value) | Q(value__icontains=clause.value))
    return Q(name__icontains=clause.value) | Q(note__icontains=clause.value) | Q(pk__in=tags.values("run"))


def _written_tags() -> QuerySet[Any]:
    """Tags that people wrote, as pages show them: not those that clients write for themselves."""
    return Tag.objects.exclude(system_tags.of_clients())


def _of_label(clause: Clause) -> Q:
    """A tag's key or its value."""
    tags = _written_tags().alias(head=Head("value"), rest=Rest("value"))
    return Q(pk__in=tags.filter(Q(key=clause.value) | _equal_to_any([str(clause.value)])).values("run"))


#: Attributes that are no column and no expression.
_MADE_CONDITIONS: dict[str, Callable[[Clause], Q]] = {
    "state": _of_state,
    "same_params_as": _of_params_alike,
    "artifact": _of_artifact,
}
_MEANINGS: dict[Kind, Callable[[Clause], Q]] = {
    Kind.ATTRIBUTE: _of_attribute,
    Kind.METRIC: _of_metric,
    Kind.DATASET: _of_dataset,
    Kind.ANY: _of_any,
    Kind.WORD: _of_word,
    Kind.LABEL: _of_label,
}


def presence(having: Q, clause: Clause) -> Q:
    """IS NOT NULL or IS NULL, given what having it means."""
    return ~having if clause.operator == "IS NULL" else having


def is_about_numbers(clause: Clause) -> bool:
    """Whether a clause compares with numbers."""
    value = clause.value[0] if isinstance(clause.value, tuple) else clause.value
    return isinstance(value, float)


def of_number(column: str, clause: Clause) -> Q:
    """A metric's or param's number against the clause's value. What is no number (NaN, text) differs from any."""
    condition = compared(column, clause)
    return condition | Q(**{column: None}) if clause.operator in _OPPOSITES else condition


def compared(column: str, clause: Clause) -> Q:
    """`column` against the clause's value. As in SQL, a missing value meets no comparison, != included."""
    there = Q(**{f"{column}__isnull": False})
    if clause.value is None:
        return presence(there & ~Q(**{column: ""}) if column in _TEXT_COLUMNS else there, clause)
    if clause.operator in _OPPOSITES:
        return there & ~_meets(column, _OPPOSITES[clause.operator], clause.value)
    meets = _meets(column, clause.operator, clause.value)
    # Said of columns that may be empty, so that NOT finds what has none.
    return there & meets if column in _MADE or column in _MAY_BE_EMPTY else meets


def _meets(column: str, operator: str, value: Any) -> Q:
    if operator == "BETWEEN":
        low, high = map(_bound, value)
        return Q(**{f"{column}__gte": low, f"{column}__lte": high})
    if operator == "IN":
        return Q(**{f"{column}__in": [_bound(item) for item in value]})
    lookup = "" if operator == "=" else f"__{_LOOKUPS[operator]}"
    return Q(**{f"{column}{lookup}": _bound(value)})


def _bound(value: Any) -> Any:
    # An expression, so that Django does not cut 1000.5 or infinity down to a column's integers.
    return Value(value) if isinstance(value, float) else value


def _texts(clause: Clause) -> QuerySet[Any]:
    return _TEXTS[clause.kind].objects.filter(key=clause.key)


def _matching_texts(clause: Clause) -> QuerySet[Any]:
    """Rows of the clause's key whose value fits. What the indexed head tells is looked up there, a tenth of the time of
    reading rows; only what is longer is looked at whole.
    """
    texts = _texts(clause).alias(head=Head("value"), rest=Rest("value"), size=Length(Head("value")))
    operator = _OPPOSITES.get(clause.operator, clause.operator)
    if operator in ("=", "IN"):
        wanted = clause.value if isinstance(clause.value, tuple) else (clause.value,)
        condition = _equal_to_any(map(str, wanted))
    else:
        is_whole = Q(size__lt=INDEXED_CHARACTERS)
        in_head, in_value = (_meets(column, operator, clause.value) for column in ("head", "value"))
        condition = (is_whole & in_head) | (~is_whole & in_value)
    return texts.filter(~condition if clause.operator in _OPPOSITES else condition)


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


def made_for(items: Iterable[Clause | Order]) -> dict[str, Combinable]:
    """Annotations for what is asked for and no column holds."""
    asked = {item.key for item in items if item.kind is Kind.ATTRIBUTE}
    return {name: expression for name, expression in _MADE.items() if name in asked}
