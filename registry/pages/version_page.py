"""The page of a version, and what it shares with that of a logged model: figures, params, files, lineage."""

from functools import cached_property

from registry import scores, sources
from registry.contents import Contents
from registry.models import LoggedModel, ModelTag, ModelVersion
from registry.models.alias import leading
from registry.pages.files import FileLine, files_at
from registry.places import Place
from registry.registering import VERSIONS_TAG
from registry.scores import Score
from runs.models import DatasetUse, Run


class ModelFacts:
    """What is known of a model: by its files, by what was logged of it, and by its run."""

    def __init__(self, place: Place | None, model: LoggedModel | None, run_id: str) -> None:
        self.place, self.model = place, model
        self.run: Run | None = Run.objects.kept().filter(run_id=run_id).select_related("experiment").first()

    @cached_property
    def contents(self) -> Contents:
        """What its files say."""
        return Contents(self.place)

    @cached_property
    def scores(self) -> list[Score]:
        """How well it did."""
        return scores.of_version(self.model, self.run)

    @property
    def scores_are_the_runs(self) -> bool:
        """Whether the figures are those of its run, because none were logged of it."""
        return bool(self.scores) and not (self.model and self.model.metrics.exists())

    @cached_property
    def headline(self) -> Score | None:
        """The figure that says most."""
        return scores.headline(self.scores, self.run)

    @cached_property
    def params(self) -> dict[str, str]:
        """What it was made with; the params of its run where none were logged of it."""
        own = dict(self.model.params.order_by("key").values_list("key", "value")) if self.model else {}
        return own or (dict(self.run.params.order_by("key").values_list("key", "value")) if self.run else {})

    @cached_property
    def datasets(self) -> list[DatasetUse]:
        """The data that its run used."""
        return list(self.run.dataset_uses.select_related("dataset").order_by("pk")[:50]) if self.run else []

    @cached_property
    def files(self) -> list[FileLine]:
        """Its files, by path."""
        return files_at(self.place) if self.place else []

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(file.size for file in self.files)


class VersionPage(ModelFacts):
    """A version."""

    def __init__(self, version: ModelVersion) -> None:
        self.version = version
        found = LoggedModel.objects.kept().filter(model_id=version.model_id).first() if version.model_id else None
        super().__init__(sources.files_of(version), found, version.run_id)

    @property
    def uri(self) -> str:
        """How it is loaded: by an alias if one leads to it."""
        alias = leading(self.version.aliases.all())
        return f"models:/{self.version.registered_model.name}@{alias.alias}" if alias else self.version.uri

    @property
    def neighbours(self) -> tuple[ModelVersion | None, ModelVersion | None]:
        """The versions before and after it."""
        others = self.version.registered_model.versions.active()
        before = others.filter(version__lt=self.version.version).order_by("-version").first()
        return before, others.filter(version__gt=self.version.version).order_by("version").first()


class LoggedModelPage(ModelFacts):
    """A logged model."""

    def __init__(self, model: LoggedModel) -> None:
        super().__init__(Place(model, ""), model, model.source_run_id)

    @property
    def uri(self) -> str:
        """How it is loaded."""
        return f"models:/{self.model.model_id}" if self.model else ""

    @property
    def tags(self) -> list[ModelTag]:
        """Its tags, but for the one that lists its versions, which are shown."""
        return list(self.model.tags.exclude(key=VERSIONS_TAG).order_by("key")) if self.model else []

    @cached_property
    def versions(self) -> list[ModelVersion]:
        """The versions that were made of it."""
        found = ModelVersion.objects.active().filter(model_id=self.model.model_id if self.model else "")
        return list(found.with_all().order_by("registered_model__name", "version")[:100])
