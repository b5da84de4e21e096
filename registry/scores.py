"""How well models did: the figures that a page, a card and a comparison name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from registry.models import LoggedModel, ModelMetric, ModelVersion
from runs.models import Metric, Run
from runs.points import number_of

#: Metrics of a run that are shown where its model has none of its own.
MOST = 200
_SYSTEM = "system/"


@dataclass(frozen=True)
class Score:
    """A figure, on some data if any is named."""

    key: str
    value: float
    data: str = ""
    step: int | None = None

    @property
    def name(self) -> str:
        """The metric, with the data that it was measured on."""
        return f"{self.key} on {self.data}" if self.data else self.key


def of_model(model: LoggedModel) -> list[Score]:
    """What was logged of a model itself: the last figure of each metric on each data."""
    rows: dict[tuple[str, str], ModelMetric] = {}
    for row in model.metrics.order_by("step", "timestamp", "pk"):
        rows[row.key, row.dataset_name] = row
    return [Score(key, number_of(row.value), data, row.step) for (key, data), row in sorted(rows.items())]


def of_run(run: Run) -> list[Score]:
    """The last figures of a run, but for those of the machine."""
    chosen = run.metrics.filter(count__gt=0).exclude(key__startswith=_SYSTEM).order_by("key")[:MOST]
    return [Score(metric.key, number_of(metric.last), step=metric.last_step) for metric in chosen]


def of_version(model: LoggedModel | None, run: Run | None) -> list[Score]:
    """Those of the model that a version was made of; those of its run where it has none."""
    return (of_model(model) if model else []) or (of_run(run) if run else [])


def headline(scores: Sequence[Score], run: Run | None) -> Score | None:
    """The one that says most: by the metric that the run's experiment is about, else the first."""
    wanted = run.experiment.primary_metric if run else ""
    return next((score for score in scores if score.key == wanted), scores[0] if scores else None)


def runs_of(versions: Iterable[ModelVersion]) -> dict[str, Run]:
    """The runs of many versions, by id."""
    wanted = {version.run_id for version in versions if version.run_id}
    found = Run.objects.kept().filter(run_id__in=wanted).select_related("experiment")
    return {run.run_id: run for run in found}


def models_of(versions: Iterable[ModelVersion]) -> dict[str, LoggedModel]:
    """The models of many versions, by id."""
    wanted = {version.model_id for version in versions if version.model_id}
    return {model.model_id: model for model in LoggedModel.objects.kept().filter(model_id__in=wanted)}


def headlines(versions: Sequence[ModelVersion], runs: dict[str, Run]) -> dict[int, Score]:
    """The headline of each of many versions, by its key: two queries, however many.

    The metric that the run's experiment is about; else the model's own first figure; else the first of the run.
    """
    of_runs, of_models = _of_runs(runs.values()), _first_of_models(versions)
    found: dict[int, Score] = {}
    for version in versions:
        run = runs.get(version.run_id)
        figures = of_runs.get(run.pk, {}) if run else {}
        primary = figures.get(run.experiment.primary_metric) if run else None
        score = primary or of_models.get(version.model_id) or next(iter(figures.values()), None)
        if score is not None:
            found[version.pk] = score
    return found


def _of_runs(runs: Iterable[Run]) -> dict[int, dict[str, Score]]:
    """By run: its first metric, and the one that its experiment is about."""
    primary = {run.pk: run.experiment.primary_metric for run in runs}
    own = Metric.objects.filter(count__gt=0).exclude(key__startswith=_SYSTEM)
    first = own.filter(run=OuterRef("run")).order_by("key").values("key")[:1]
    meant = Q(key__in={key for key in primary.values() if key}) | Q(key=Subquery(first))
    found: dict[int, dict[str, Score]] = {}
    for row in own.filter(meant, run__in=list(primary)).order_by("key"):
        found.setdefault(row.run_id, {})[row.key] = Score(row.key, number_of(row.last))
    return found


def _first_of_models(versions: Sequence[ModelVersion]) -> dict[str, Score]:
    wanted = {version.model_id for version in versions if version.model_id}
    rows: Any = ModelMetric.objects.filter(model__model_id__in=wanted).select_related("model")
    found: dict[str, Score] = {}
    for row in rows.order_by("key", "-step"):
        found.setdefault(row.model.model_id, Score(row.key, number_of(row.value), row.dataset_name))
    return found
