"""Experiments, runs and models as the files of a store of MLflow."""

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from experiments.models import Experiment
from exporting.mlruns import extras, meta
from exporting.mlruns.names import FileSystem, changed, names_for, other_name
from exporting.tree import MEBIBYTE, Exported
from registry.models import LoggedModel, RunModel
from runs import points, system_tags
from runs.artifacts.store import open_blob
from runs.models import Dataset, Run, StoredFile

META = "meta.yaml"
#: (place, what was done to it): for those who want to know.
Listener = Callable[[str, str], None]


class MlrunsWriter:
    """Writes a store. `location` is the address at which it will lie, `file:///…/mlruns` or `./mlruns`.

    Names that `system` can't hold are changed, told to `listener`, and noted beside them.
    """

    def __init__(self, location: str, system: FileSystem, listener: Listener = lambda place, what: None) -> None:
        self._location, self._system, self.tell = location.rstrip("/"), system, listener

    def files(self, experiments: Iterable[Experiment], runs: Any = None) -> Iterator[Exported]:
        """The files of experiments with their runs, of which `runs` (a queryset) may choose some, and their models."""
        yield Exported(".trash/")
        for experiment in experiments:
            yield from self._experiment(experiment, runs)

    def _experiment(self, experiment: Experiment, chosen: Any) -> Iterator[Exported]:
        folder = str(experiment.pk) if experiment.is_active else f".trash/{experiment.pk}"
        yield _yaml(folder, meta.of_experiment(experiment, self.address(experiment)))
        yield from self.texts(folder, "tags", experiment.all_tags())[0]
        runs = Run.objects.kept().filter(experiment=experiment).order_by("pk")
        if chosen is not None:
            runs = runs.filter(pk__in=chosen.values("pk"))
        told: set[str] = set()
        for run in runs.select_related("environment", "experiment").iterator(chunk_size=100):
            yield from self._datasets(run, folder, told)
            yield from self._run(run, f"{folder}/{run.run_id}")
        models = LoggedModel.objects.filter(experiment=experiment).order_by("pk")
        if chosen is not None:
            models = models.filter(source_run_id__in=chosen.values("run_id"))
        for model in models:
            yield from self._model(model, f"{folder}/models/{model.model_id}")

    def address(self, experiment: Experiment) -> str:
        """Where the files of an experiment lie; elsewhere is elsewhere still."""
        return experiment.artifact_location or f"{self._location}/{experiment.pk}"

    def _run(self, run: Run, folder: str) -> Iterator[Exported]:
        address = f"{self.address(run.experiment)}/{run.run_id}/artifacts"
        yield _yaml(folder, meta.of_run(run, address))
        keys: dict[str, dict[str, str]] = {}
        params = dict(run.params.values_list("key", "value"))
        tags = dict(run.tags.values_list("key", "value")) | dict(system_tags.told_by(run))
        for part, texts in (("params", params), ("tags", tags)):
            files, keys[part] = self.texts(folder, part, texts)
            yield Exported(f"{folder}/{part}/")
            yield from files
        files, keys["metrics"] = self._metrics(run, folder)
        yield from files
        files, keys["artifacts"] = self._artifacts(folder, run.artifacts.select_related("blob"))
        yield from files
        yield from _uses(run, folder)
        told = extras.of_run(run, keys)
        if told is not None:
            yield Exported.text(f"{folder}/{extras.FILE}", told)

    def _names(self, folder: str, keys: Iterable[str], *, are_keys: bool = True) -> dict[str, str]:
        names = names_for(keys, self._system, are_keys=are_keys)
        for name, key in changed(names).items():
            self.tell(f"{folder}/{name}", f"It stands for {key!r}, which can't be the name of a file there.")
        return names

    def texts(self, folder: str, part: str, texts: dict[str, str]) -> tuple[list[Exported], dict[str, str]]:
        """Texts by key as the files of a folder, and those keys that are called otherwise there."""
        names = self._names(f"{folder}/{part}", texts)
        files = [Exported.text(f"{folder}/{part}/{names[key]}", value) for key, value in texts.items()]
        return files, changed(names)

    def _metrics(self, run: Run, folder: str) -> tuple[list[Exported], dict[str, str]]:
        series = dict(run.metrics.values_list("key", "pk"))
        names = self._names(f"{folder}/metrics", series)
        files = [Exported(f"{folder}/metrics/{names[key]}", _lines(pk)) for key, pk in series.items()]
        return [Exported(f"{folder}/metrics/"), *files], changed(names)

    def _artifacts(self, folder: str, files: Iterable[StoredFile]) -> tuple[list[Exported], dict[str, str]]:
        by_path = {file.path: file for file in files}
        names = self._names(f"{folder}/artifacts", by_path, are_keys=False)
        exported = [Exported(f"{folder}/artifacts/{names[path]}", _content(file)) for path, file in by_path.items()]
        return [Exported(f"{folder}/artifacts/"), *exported], changed(names)

    def _datasets(self, run: Run, experiment: str, told: set[str]) -> Iterator[Exported]:
        for use in run.dataset_uses.select_related("dataset"):
            dataset_id = _dataset_id(use.dataset)
            if dataset_id not in told:
                told.add(dataset_id)
                yield _yaml(f"{experiment}/datasets/{dataset_id}", meta.of_dataset(use.dataset))

    def _model(self, model: LoggedModel, folder: str) -> Iterator[Exported]:
        address = f"{self.address(model.experiment)}/models/{model.model_id}/artifacts"
        yield _yaml(folder, meta.of_model(model, address))
        keys: dict[str, dict[str, str]] = {}
        for part, rows in (("params", model.params), ("tags", model.tags)):
            files, keys[part] = self.texts(folder, part, dict(rows.values_list("key", "value")))
            yield Exported(f"{folder}/{part}/")
            yield from files
        words = self._words(model, folder)
        files, keys["metrics"] = self._model_metrics(model, folder, words)
        yield Exported(f"{folder}/metrics/")
        yield from files
        files, keys["artifacts"] = self._artifacts(folder, model.artifacts.select_related("blob"))
        yield from files
        told = extras.of_model(keys | {"datasets": changed(words)})
        if told is not None:
            yield Exported.text(f"{folder}/{extras.FILE}", told)

    def _model_metrics(
        self, model: LoggedModel, folder: str, words: dict[str, str]
    ) -> tuple[list[Exported], dict[str, str]]:
        lines: dict[str, list[str]] = {}
        for metric in model.metrics.select_related("run").order_by("timestamp", "step"):
            value = math.nan if metric.value is None else metric.value
            line = f"{metric.timestamp} {value} {metric.step} {metric.run.run_id}"
            if metric.dataset_name:
                line += f" {words[metric.dataset_name]} {metric.dataset_digest}"
            lines.setdefault(metric.key, []).append(f"{line}\n")
        names = self._names(f"{folder}/metrics", lines)
        files = [Exported.text(f"{folder}/metrics/{names[key]}", "".join(found)) for key, found in lines.items()]
        return files, changed(names)

    def _words(self, model: LoggedModel, folder: str) -> dict[str, str]:
        """A word for the name of each dataset that a model was tried on: MLflow's reader would fail at a space."""
        words = {}
        for name in model.metrics.exclude(dataset_name="").values_list("dataset_name", flat=True).distinct():
            words[name] = name
            if name.split() != [name]:
                words[name] = "_".join(other_name(name).split())
                self.tell(folder, f"The dataset {name!r} is {words[name]!r} there: MLflow reads no spaces here.")
        return words


def _yaml(folder: str, content: dict[str, Any]) -> Exported:
    return Exported.text(f"{folder}/{META}", meta.dump(content))


def _lines(series: int) -> Iterator[bytes]:
    """The points of a series, a line each: `timestamp value step`."""
    for piece in points.pieces(series):
        yield "".join(f"{row[1]} {points.value_of(row)} {row[0]}\n" for row in piece).encode()


def _content(file: StoredFile) -> Iterator[bytes]:
    with open_blob(file.blob) as content:
        yield from iter(partial(content.read, MEBIBYTE), b"")


def _dataset_id(dataset: Dataset) -> str:
    """Of its whole content: MLflow's own id, of name and digest alone, would make one of two that differ otherwise."""
    return dataset.content_hash[:32]


def _uses(run: Run, folder: str) -> Iterator[Exported]:
    for use in run.dataset_uses.select_related("dataset"):
        yield _input(folder, run, "DATASET", _dataset_id(use.dataset), use.tags)
    for tie in run.model_uses.order_by("model_id"):
        if tie.role == RunModel.Role.INPUT:
            yield _input(folder, run, "MODEL", tie.model_id, {})
        else:
            yield _yaml(f"{folder}/outputs/{tie.model_id}", _output(tie))


def _input(folder: str, run: Run, kind: str, source_id: str, tags: dict[str, str]) -> Exported:
    # MLflow writes the source's id as the destination's, too.
    told = {
        "source_type": kind, "source_id": source_id, "destination_type": "RUN", "destination_id": source_id,
        "tags": tags,
    }  # fmt: skip
    input_id = hashlib.md5(f"{source_id}{run.run_id}".encode(), usedforsecurity=False).hexdigest()
    return _yaml(f"{folder}/inputs/{input_id}", told)


def _output(tie: RunModel) -> dict[str, Any]:
    return {
        "source_type": "RUN_OUTPUT", "source_id": tie.model_id, "destination_type": "MODEL_OUTPUT",
        "destination_id": tie.model_id, "step": tie.step, "tags": {},
    }  # fmt: skip


def all_experiments(names: Sequence[str] = ()) -> Any:
    """Experiments with these names, or all there are, in the trash or not."""
    kept = Experiment.objects.kept().order_by("pk")
    return kept.filter(name__in=names) if names else kept
