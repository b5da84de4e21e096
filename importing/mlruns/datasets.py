"""Reads which data and models a run took in, and which models it gave out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from importing.found import Seen, Unreadable
from importing.mlruns.folder import Folder
from importing.mlruns.meta import MAX_DATASET_BYTES, META, mapping, parse, text, whole
from importing.reporting import Report
from runs import inputs
from runs.batches import DatasetInput
from trackerweb.errors import InvalidValue


@dataclass
class Uses:
    """What is new of a run's inputs and outputs. Of an output model, the step at which it was given."""

    datasets: list[DatasetInput] = field(default_factory=list)
    input_models: list[str] = field(default_factory=list)
    output_models: dict[str, int] = field(default_factory=dict)


def read(run: Folder, experiment: Folder, seen: Seen, report: Report) -> Uses:
    """Inputs and outputs of a run that are new since `seen`."""
    uses = Uses()
    for folder, meta in _new(run.folder("inputs"), "inputs", seen, report):
        source = text(meta, "source_id")
        if text(meta, "source_type") == "MODEL":
            uses.input_models.append(source)
            continue
        dataset = _dataset(experiment, source, mapping(meta, "tags"), folder, report)
        if dataset is not None:
            uses.datasets.append(dataset)
    for folder, meta in _new(run.folder("outputs"), "outputs", seen, report):
        try:
            uses.output_models[text(meta, "destination_id") or folder.name] = whole(meta, "step") or 0
        except Unreadable as error:
            report.refuse(folder.place, str(error))
    return uses


def _new(parent: Folder | None, part: str, seen: Seen, report: Report) -> Iterator[tuple[Folder, dict[str, Any]]]:
    for folder in parent.folders() if parent else ():
        file = folder.file(META)
        if file is None or not seen.is_new(f"{part}/{folder.name}", file.stamp):
            continue
        try:
            meta = parse(file)
        except (Unreadable, OSError) as error:
            report.refuse(file.place, f"{error} It was left out.")
            continue
        yield folder, meta
        seen.note(f"{part}/{folder.name}", file.stamp)


def _dataset(
    experiment: Folder, dataset_id: str, tags: dict[str, str], use: Folder, report: Report
) -> DatasetInput | None:
    try:
        meta = _described(experiment, dataset_id)
        dataset = DatasetInput(
            name=text(meta, "name"),
            digest=text(meta, "digest"),
            source_type=text(meta, "source_type"),
            source=text(meta, "source"),
            schema=text(meta, "schema") or None,
            profile=text(meta, "profile") or None,
            tags=tags,
        )
        inputs.check([dataset])
    except (Unreadable, InvalidValue) as error:
        report.refuse(use.place, f"The dataset {dataset_id[:80]!r} was left out: {error}")
        return None
    return dataset


def _described(experiment: Folder, dataset_id: str) -> dict[str, Any]:
    datasets = experiment.folder("datasets")
    # An id is looked for among the folders there are, and so leads nowhere else.
    folder = datasets.folder(dataset_id) if datasets else None
    file = folder.file(META) if folder else None
    if file is None:
        raise Unreadable("its description is missing.")
    return parse(file, MAX_DATASET_BYTES)
