"""Stores experiments. One that was imported before, or that has the same name, is the same one."""

import re
import unicodedata
from dataclasses import replace
from typing import Any

from experiments.models import Experiment
from experiments.querysets import MAX_NAME_LENGTH
from importing.found import ExperimentFound
from importing.models import ImportedExperiment
from importing.reporting import Report
from trackerweb.clock import now_ms
from trackerweb.errors import AlreadyExists, InvalidValue
from trackerweb.lifecycle import LifecycleStage
from trackerweb.transactions import write_transaction

#: Small ids are kept where they are free: scripts name them. The long ones of later releases would be those of all
#: experiments made here afterwards, for ids count up.
KEPT_IDS = range(1, 1_000_000)
_PLACE = re.compile(r"(file:|[./\\]|[A-Za-z]:[/\\]|mlflow-artifacts:|$)")


class Home:
    """Where the runs of an imported experiment go. `settle` is for when they are all there."""

    def __init__(self, found: ExperimentFound, experiment: Experiment, *, is_new: bool) -> None:
        self.found, self.experiment, self.is_new = found, experiment, is_new

    def settle(self) -> None:
        """Move a new one to the trash that was in the trash of its source; say when it was changed last."""
        if not self.is_new:
            return
        changed: dict[str, Any] = {}
        if self.found.is_trashed:
            self.experiment.trash()
            # In the trash two may have one name.
            changed["name"] = self.found.name
        if self.found.last_update_time:
            changed["last_update_time"] = self.found.last_update_time
        with write_transaction():
            Experiment.objects.filter(pk=self.experiment.pk).update(**changed)


def bring(found: ExperimentFound, origin: str, report: Report) -> Home:
    """The experiment here that is the one found, made if there is none, with what is new of its name and tags."""
    found = _with_a_name(found, report)
    mark = _mark_of(found, origin)
    if mark is not None:
        _bring_news(found, mark, report)
        return Home(found, mark.experiment, is_new=_is_half_done(mark))
    experiment = Experiment.objects.named(found.name) if not found.is_trashed else None
    is_new = experiment is None
    with write_transaction():
        if experiment is None:
            experiment = _make(found, report)
        if found.creation_time:
            older = min(found.creation_time, experiment.creation_time)
            Experiment.objects.filter(pk=experiment.pk).update(creation_time=older)
        missing = found.tags.keys() - experiment.all_tags().keys()
        experiment.store_tags({key: found.tags[key] for key in missing})
        ImportedExperiment.remember(origin, found.external_id, found.meta, _told(found), experiment=experiment)
    return Home(found, experiment, is_new=is_new)


def _with_a_name(found: ExperimentFound, report: Report) -> ExperimentFound:
    """The same with a name that can be: its runs are not to be lost for it."""
    name = "".join(
        "\ufffd" if unicodedata.category(character) in ("Cc", "Cs") else character for character in found.name
    )
    name = name[:MAX_NAME_LENGTH] if name.strip() else f"experiment {found.external_id}"
    if name != found.name:
        report.repair(found.place, f"Its name can't be one here; it is {name[:80]!r} now.")
    return replace(found, name=name)


def _mark_of(found: ExperimentFound, origin: str) -> ImportedExperiment | None:
    """What is known of an experiment that was imported before: by its name from wherever its folder lay then, under
    another name from the same place."""
    marks = ImportedExperiment.objects.filter(external_id=found.external_id).select_related("experiment")
    for mark in marks.exclude(experiment__lifecycle_stage=LifecycleStage.PURGING):
        same_birth = mark.meta.get("creation_time") == found.meta.get("creation_time")
        if mark.seen.get("name") == found.name or (same_birth and mark.origin == origin):
            return mark
    return None


def _is_half_done(mark: ImportedExperiment) -> bool:
    """Whether an import of a trashed experiment was interrupted before it went to the trash."""
    return mark.experiment.is_active and mark.seen.get("is_trashed", False)


def _told(found: ExperimentFound) -> dict[str, Any]:
    return {"name": found.name, "tags": found.tags, "is_trashed": found.is_trashed}


def _make(found: ExperimentFound, report: Report) -> Experiment:
    """A new experiment; one that will go to the trash takes no name from an active one until then."""
    name = found.name
    if found.is_trashed and Experiment.objects.named(name) is not None:
        name = f"{name[:400]} (from the trash, {found.external_id[:64]})"
    fields: dict[str, Any] = {} if _PLACE.match(found.artifact_location) else {
        "artifact_location": found.artifact_location
    }  # fmt: skip
    kept = _free_id(found.external_id)
    experiment: Experiment = Experiment.objects.add(name, **fields | ({"pk": kept} if kept is not None else {}))
    if found.external_id.isdigit() and found.external_id != str(experiment.pk):
        report.note(found.place, f"The experiment {found.name!r} has the id {experiment.pk} here.")
    return experiment


def _free_id(external_id: str) -> int | None:
    """The same id, if it is a small one that no experiment has or had."""
    if not (external_id.isascii() and external_id.isdigit() and len(external_id) < 7):
        return None
    wanted = int(external_id)
    taken = Experiment.objects.filter(pk=wanted).exists()
    return wanted if wanted in KEPT_IDS and not taken else None


def _bring_news(found: ExperimentFound, mark: ImportedExperiment, report: Report) -> None:
    """What its source says otherwise than at the last import. What people changed here meanwhile stays."""
    experiment, before = mark.experiment, mark.seen
    told = _told(found)
    if told == before:
        return
    if before.get("name") != found.name and experiment.name == before.get("name"):
        _rename(experiment, found, report)
    tags_before = before.get("tags", {})
    news = {key: value for key, value in found.tags.items() if tags_before.get(key) != value}
    with write_transaction():
        experiment.store_tags(news)
        ImportedExperiment.objects.filter(pk=mark.pk).update(seen=told, meta=found.meta, time=now_ms())


def _rename(experiment: Experiment, found: ExperimentFound, report: Report) -> None:
    try:
        experiment.change(name=found.name)
    except (AlreadyExists, InvalidValue) as error:
        report.refuse(found.place, f"It was renamed to {found.name!r} there, and not here: {error.message}")
