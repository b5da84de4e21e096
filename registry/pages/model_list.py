"""The list of registered models."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q

from registry.models import ModelAlias, ModelVersion, RegisteredModel, RegisteredModelTag
from registry.models.alias import leading
from registry.pages.lines import Line, lines_of
from registry.search import registered as searching
from runs.search import SearchError
from trackerweb.lifecycle import LifecycleStage

PAGE_SIZE = 50
SHOWN_VERSIONS = 4
SORTS = {"changed": "-last_update_time", "name": "name", "versions": "-version_count"}


class ModelRow:
    """A registered model: its aliases, and the version that stands for it."""

    def __init__(self, model: RegisteredModel, line: Line | None, versions: list[Line], toggled: list[str]) -> None:
        self.model, self.line, self.versions = model, line, versions
        #: The ids that are open once this one is opened, or closed.
        self.toggled = toggled

    @property
    def older(self) -> int:
        """How many versions are not shown."""
        return int(self.model.version_count) - len(self.versions)  # type: ignore[attr-defined]


class ModelList:
    """Registered models by a text: a name, an @alias, a tag, or a filter. `opened` are the ids of those whose versions
    are shown.
    """

    def __init__(
        self, text: str = "", sort: str = "changed", page: str | None = None, opened: Sequence[str] = ()
    ) -> None:
        self.text, self.sort = text.strip(), sort if sort in SORTS else "changed"
        self.problem = ""
        active = Q(versions__lifecycle_stage=LifecycleStage.ACTIVE)
        found = self._found().with_all().annotate(version_count=Count("versions", filter=active))
        ordered = found.order_by(SORTS[self.sort], "name")
        self.page: Page[RegisteredModel] = Paginator(ordered, PAGE_SIZE).get_page(page)
        self._opened = set(opened)

    def _found(self) -> Any:
        if any(sign in self.text for sign in "=<>~'\"") or " IS " in self.text.upper():
            return self._filtered()
        models, _ = searching.models()
        for word in self.text.split():
            models = models.filter(_meant_by(word))
        return models

    def _filtered(self) -> Any:
        try:
            return searching.models(self.text)[0]
        except SearchError as error:
            self.problem = error.message
            return RegisteredModel.objects.none()

    @cached_property
    def rows(self) -> list[ModelRow]:
        """Those of this page: each with the version that is in use by its aliases, or the newest."""
        models = list(self.page.object_list)
        lines = {line.version.registered_model_id: line for line in lines_of(_in_use(models))}
        return [self._row(model, lines.get(model.pk)) for model in models]

    def _row(self, model: RegisteredModel, line: Line | None) -> ModelRow:
        toggled = sorted(self._opened ^ {str(model.pk)})
        return ModelRow(model, line, self._versions(model) if str(model.pk) in self._opened else [], toggled)

    def _versions(self, model: RegisteredModel) -> list[Line]:
        return lines_of(list(model.versions.active().with_all().order_by("-version")[:SHOWN_VERSIONS]))

    @property
    def version_count(self) -> int:
        """Versions of all registered models."""
        return ModelVersion.objects.active().count()

    @property
    def alias_count(self) -> int:
        """Aliases of all registered models."""
        return ModelAlias.objects.filter(registered_model__lifecycle_stage=LifecycleStage.ACTIVE).count()


def _in_use(models: Sequence[RegisteredModel]) -> list[ModelVersion]:
    """The version of each that its aliases say is in use, or the newest."""
    aliased = {model.pk: alias.model_version_id for model in models if (alias := leading(model.aliases.all()))}
    newest = ModelVersion.objects.newest_of(model.pk for model in models if model.pk not in aliased)
    chosen = ModelVersion.objects.active().filter(pk__in=aliased.values()).with_all()
    return [*chosen, *newest.with_all()]


def _meant_by(word: str) -> Q:
    """What a word of the search box means: `@champion` an alias, anything else a name, a tag or a description."""
    if word.startswith("@"):
        return Q(pk__in=ModelAlias.objects.filter(alias__icontains=word[1:]).values("registered_model"))
    tagged = RegisteredModelTag.objects.filter(Q(key__icontains=word) | Q(value__icontains=word))
    return Q(name__icontains=word) | Q(description__icontains=word) | Q(pk__in=tagged.values("registered_model"))
