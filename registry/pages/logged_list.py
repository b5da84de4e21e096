"""The list of logged models: what runs gave out, registered or not."""

from functools import cached_property

from experiments.models import Experiment
from registry.models import LoggedModel, ModelVersion
from registry.search import logged as searching
from runs.models import Run
from runs.paging import Page
from runs.search import SearchError

PAGE_SIZE = 100


class LoggedList:
    """Logged models by a filter, the newest first."""

    def __init__(self, text: str = "", cursor: str | None = None) -> None:
        self.text, self.problem = text.strip(), ""
        self.page: Page = self._found(cursor)

    def _found(self, cursor: str | None) -> Page:
        experiments = list(Experiment.objects.active().values_list("pk", flat=True))
        try:
            return searching.search(experiments, _filter_of(self.text), cursor=cursor or None, size=PAGE_SIZE)
        except SearchError as error:
            self.problem = error.message
            return Page([], None, None)

    @cached_property
    def rows(self) -> list[tuple[LoggedModel, Run | None, list[ModelVersion]]]:
        """Each with its run and the versions that were made of it."""
        models = self.page.items
        runs = {run.run_id: run for run in Run.objects.filter(run_id__in={model.source_run_id for model in models})}
        versions: dict[str, list[ModelVersion]] = {}
        made = ModelVersion.objects.active().filter(model_id__in=[model.model_id for model in models])
        for version in made.select_related("registered_model").order_by("version"):
            versions.setdefault(version.model_id, []).append(version)
        return [(model, runs.get(model.source_run_id), versions.get(model.model_id, [])) for model in models]


def _filter_of(text: str) -> str:
    """A bare word is looked for in names; anything else is a filter."""
    is_filter = not text or any(sign in text for sign in "=<>~'\"")
    return text if is_filter else f"name ILIKE '%{text}%'"
