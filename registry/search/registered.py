"""Searches registered models and their versions, as MLflow's clients do."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q

from registry.models import ModelAlias, ModelVersion, RegisteredModel, RegisteredModelTag, VersionTag
from registry.models.registered import PROMPT_TAG
from runs.search import SearchError, grammar
from runs.search.compiler import compared, matching, presence
from runs.search.languages import Kind, Language, named
from runs.search.sorting import SortColumn
from runs.search.tree import Clause, Node, clauses_of

_ENTITIES = named(attribute=("attribute", "attributes", "attr"), tag=("tag", "tags"))
_TIMES = {
    "creation_timestamp": "creation_time",
    "creation_time": "creation_time",
    "timestamp": "last_update_time",
    "last_updated_timestamp": "last_update_time",
    "last_update_time": "last_update_time",
}
_TIME_COLUMNS = frozenset({"creation_time", "last_update_time"})
MODELS = Language(
    entities=_ENTITIES,
    attributes=_TIMES | {"name": "name", "description": "description"},
    numeric_attributes=_TIME_COLUMNS,
)
VERSIONS = Language(
    entities=_ENTITIES,
    attributes=_TIMES
    | {
        "name": "model_name",
        "version_number": "version",
        "version": "version",
        "run_id": "run_id",
        "model_id": "model_id",
        "source_path": "source",
        "source": "source",
        "stage": "stage",
        "current_stage": "stage",
        "status": "status",
        "user_id": "user",
        "description": "description",
        "alias": "alias",
    },
    numeric_attributes=_TIME_COLUMNS | {"version"},
    quotable=frozenset({"version"}),
    unsorted=frozenset({"alias", "description"}),
)
MAX_ORDER_TERMS = 10

Found = tuple[Any, tuple[SortColumn, ...]]


def models(text: str = "", order_by: Sequence[str] = ()) -> Found:
    """Active registered models that meet a filter, and the columns to sort them by: by name for no order.

    Prompts are left out unless the filter asks for them. Errors: SearchError with the place and the remedy.
    """
    filter_ = grammar.parse(text, MODELS)
    found = RegisteredModel.objects.active().filter(matching(filter_, _of_model))
    if not _asks_for_prompts(filter_):
        found = found.exclude(pk__in=_prompts())
    return found, _columns(order_by, MODELS, (SortColumn("name", descending=False, may_be_empty=False),))


def versions(text: str = "", order_by: Sequence[str] = ()) -> Found:
    """The same of active versions: the last changed first for no order."""
    filter_ = grammar.parse(text, VERSIONS)
    named_ = ModelVersion.objects.active().annotate(model_name=F("registered_model__name"))
    found = named_.filter(matching(filter_, _of_version))
    if not _asks_for_prompts(filter_):
        found = found.exclude(registered_model__in=_prompts())
    ties = (
        SortColumn("model_name", descending=False, may_be_empty=False),
        SortColumn("version", descending=True, may_be_empty=False),
    )
    return found, _columns(order_by or ("last_updated_timestamp DESC",), VERSIONS, ties)


def _prompts() -> Any:
    return RegisteredModelTag.objects.filter(key=PROMPT_TAG, value__iexact="true").values("registered_model")


def _asks_for_prompts(filter_: Node) -> bool:
    """Whether a filter wants prompts: by their tag, as MLflow's clients ask for them."""
    return any(
        (clause.operator, str(clause.value).lower()) in (("=", "true"), ("!=", "false"))
        for clause in clauses_of(filter_)
        if clause.kind is Kind.TAG and clause.key == PROMPT_TAG
    )


def _of_model(clause: Clause) -> Q:
    if clause.kind is Kind.ATTRIBUTE:
        return compared(clause.key, clause)
    return _tagged(clause, RegisteredModelTag.objects.all(), "registered_model")


def _of_version(clause: Clause) -> Q:
    if clause.key == "alias" and clause.kind is Kind.ATTRIBUTE:
        return _aliased(clause)
    if clause.kind is Kind.ATTRIBUTE:
        return compared(clause.key, clause)
    return _tagged(clause, VersionTag.objects.all(), "model_version")


def _aliased(clause: Clause) -> Q:
    aliases = ModelAlias.objects.all()
    if clause.value is None:
        return presence(Q(pk__in=aliases.values("model_version")), clause)
    return Q(pk__in=aliases.filter(compared("alias", clause)).values("model_version"))


def _tagged(clause: Clause, tags: Any, owner: str) -> Q:
    if clause.key == PROMPT_TAG and not _asks_for_prompts(clause):
        # What is no prompt has no such tag, and is meant.
        return Q()
    tags = tags.filter(key=clause.key)
    if clause.value is None:
        return presence(Q(pk__in=tags.values(owner)), clause)
    return Q(pk__in=tags.filter(compared("value", clause)).values(owner))


def _columns(order_by: Sequence[str], language: Language, ties: Sequence[SortColumn]) -> tuple[SortColumn, ...]:
    if len(order_by) > MAX_ORDER_TERMS:
        raise SearchError(f"order_by has {len(order_by)} terms. {MAX_ORDER_TERMS} are allowed.", field="order_by")
    orders = grammar.parse_order(order_by, language)
    if any(order.kind is not Kind.ATTRIBUTE for order in orders):
        raise SearchError("order_by: these are sorted by attributes alone.", field="order_by")
    columns = [SortColumn(order.key, order.descending, may_be_empty=False) for order in orders]
    known = {column.name for column in columns}
    if len(known) < len(columns):
        raise SearchError("order_by names an attribute twice.", field="order_by")
    return (*columns, *(tie for tie in ties if tie.name not in known))
