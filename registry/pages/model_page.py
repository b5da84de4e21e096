"""The page of a registered model: versions, aliases with their history."""

from functools import cached_property

from django.core.paginator import Page, Paginator

from registry import sources
from registry.contents import Contents
from registry.models import AliasMove, ModelAlias, ModelVersion, RegisteredModel, RegisteredModelTag
from registry.models.alias import leading
from registry.pages.lines import Line, lines_of
from trackerweb.lifecycle import LifecycleStage

PAGE_SIZE = 50
MOVES = 30
CHOICES = 200


class ModelPage:
    """A registered model."""

    def __init__(self, model: RegisteredModel, page: str | None = None) -> None:
        self.model = model
        # Those of a model in the trash are shown, too.
        found = model.versions.filter(lifecycle_stage=LifecycleStage.ACTIVE).with_all().order_by("-version")
        self.page: Page[ModelVersion] = Paginator(found, PAGE_SIZE).get_page(page)

    @cached_property
    def lines(self) -> list[Line]:
        """Versions of this page, the newest first."""
        return lines_of(list(self.page.object_list))

    @cached_property
    def aliases(self) -> list[ModelAlias]:
        """The words that lead to a version, by name."""
        return list(self.model.aliases.select_related("model_version").order_by("alias"))

    @cached_property
    def choices(self) -> list[int]:
        """Versions that an alias may be led to: the newest, and those that one leads to already."""
        newest = self.model.versions.active().order_by("-version").values_list("version", flat=True)[:CHOICES]
        return sorted({*newest, *(alias.model_version.version for alias in self.aliases)}, reverse=True)

    @cached_property
    def moves(self) -> list[AliasMove]:
        """Where aliases led before, the newest first."""
        return list(self.model.alias_moves.order_by("-pk")[:MOVES])

    @property
    def tags(self) -> list[RegisteredModelTag]:
        """Its tags, by key."""
        return list(self.model.tags.order_by("key"))

    @cached_property
    def contents(self) -> Contents:
        """What the files of the version in use say: how it may be loaded."""
        alias = leading(self.aliases)
        version = alias.model_version if alias else self.lines[0].version if self.lines else None
        return Contents(sources.files_of(version) if version else None)

    @property
    def uri(self) -> str:
        """How it is loaded: by the alias of what is in use, else its newest version."""
        name, alias = self.model.name, leading(self.aliases)
        return f"models:/{name}@{alias.alias}" if alias else f"models:/{name}/latest"

    @property
    def first_line(self) -> str:
        """The line that makes a first version."""
        return f'tracker.models.log_model(model, "classifier", registered_model_name={self.model.name!r})'
