"""The Models tab of a run: the models that it gave out, and those that it took."""

from functools import cached_property

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from registry.models import LoggedModel, ModelVersion, RunModel
from runs.models import Run
from runs.run_page.head import RunHead
from runs.run_page.tabs import Part, register
from trackerweb.lifecycle import LifecycleStage

MOST = 200


class RunModels:
    """The models of one run."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @cached_property
    def made(self) -> list[tuple[LoggedModel, list[ModelVersion]]]:
        """Those that it gave out, in order, with their params and files; and the versions that were made of each."""
        found = LoggedModel.objects.filter(source_run_id=self.run.run_id, lifecycle_stage=LifecycleStage.ACTIVE)
        models = list(found.prefetch_related("params", "artifacts__blob").order_by("creation_time", "pk")[:MOST])
        made = ModelVersion.objects.active().with_all().filter(model_id__in=[model.model_id for model in models])
        return [(model, [version for version in made if version.model_id == model.model_id]) for model in models]

    @cached_property
    def versions(self) -> list[ModelVersion]:
        """Versions that were made of files of the run, and of no logged model."""
        found = ModelVersion.objects.active().with_all().filter(run_id=self.run.run_id, model_id="")
        return list(found.order_by("registered_model__name", "version")[:MOST])

    @property
    def taken(self) -> list[RunModel]:
        """Those that it took."""
        return list(self.run.model_uses.filter(role=RunModel.Role.INPUT).order_by("pk")[:MOST])


@require_safe
def run_models(request: HttpRequest, run_id: str) -> HttpResponse:
    """Show which models a run gave out and took."""
    run = Run.objects.by_id(run_id)
    context = {"head": RunHead(run, "registry:run-models"), "page": RunModels(run)}
    return render(request, "registry/run_models.html", context)


def _count(run: Run) -> int:
    return LoggedModel.objects.filter(source_run_id=run.run_id, lifecycle_stage=LifecycleStage.ACTIVE).count()


register(Part("registry:run-models", "Models", _count))
