"""Stores registered models and their versions."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from importing.found import RegisteredFound, Unreadable, VersionFound
from importing.reporting import Report
from registry.creating import MODEL_ID
from registry.models import LoggedModel, ModelAlias, ModelVersion, RegisteredModel, RegisteredModelTag, VersionTag
from registry.names import check_model_name, check_new_alias
from registry.places import MODELS, ROOT, location_of
from runs.models import Run
from trackerweb.clock import now_ms
from trackerweb.errors import InvalidValue
from trackerweb.lifecycle import LifecycleStage
from trackerweb.transactions import write_transaction

_DETOUR = re.compile(r"(^|/)\.\.?(/|$)|[\\\0]")


def bring(found: RegisteredFound, report: Report) -> int:
    """Store what is new of a registered model; one of its name that is here gets what it lacks. Returns how many
    versions are new.

    Errors: Unreadable; InvalidValue for its name.
    """
    check_model_name(found.name)
    with write_transaction():
        home = RegisteredModel.objects.active().filter(name=found.name).first() or _make(found)
        known = {version.version: version for version in home.versions.all()}
        _bring_tags(RegisteredModelTag, {"registered_model": home}, found.tags)
        news = [version for version in found.versions if _is_new(version, known, found, report)]
        for version in news:
            _bring_version(home, version)
        _bring_aliases(home, found, report)
    return len(news)


def _make(found: RegisteredFound) -> RegisteredModel:
    fields = {name: value for name, value in found.fields.items() if value is not None}
    times = {"creation_time": now_ms(), "last_update_time": now_ms()}
    return RegisteredModel.objects.create(name=found.name, **times | fields)


def _bring_tags(model: Any, owner: dict[str, Any], tags: dict[str, str]) -> None:
    rows = [model(**owner, key=key, value=value) for key, value in tags.items()]
    model.objects.bulk_create(rows, ignore_conflicts=True)


def _is_new(version: VersionFound, known: dict[int, ModelVersion], found: RegisteredFound, report: Report) -> bool:
    here = known.get(version.version)
    if here is None:
        return True
    if here.source != version.fields.get("source", "") and not version.is_deleted:
        report.refuse(found.place, f"Version {version.version} was left out: another one has this number here.")
    return False


def _bring_version(home: RegisteredModel, found: VersionFound) -> None:
    fields = {name: value for name, value in found.fields.items() if value is not None}
    fields["model_id"] = fields.get("model_id") or _model_named_by(fields.get("source", ""))
    if not 0 < found.version < 2**63:
        raise Unreadable(f"{found.version} is no number of a version.")
    times = {"creation_time": now_ms(), "last_update_time": now_ms()}
    gone = {"lifecycle_stage": LifecycleStage.DELETED, "deleted_time": now_ms()} if found.is_deleted else {}
    version = ModelVersion.objects.create(
        registered_model=home,
        version=found.version,
        storage_location=_here(found.location),
        **{"source": found.location} | times | fields | gone,
    )
    _bring_tags(VersionTag, {"model_version": version}, found.tags)


def _model_named_by(source: str) -> str:
    """The id in `models:/m-…`: MLflow's stores keep it nowhere else."""
    found = MODEL_ID.fullmatch(source.removeprefix("models:/"))
    return found[0] if found else ""


def _here(location: str) -> str:
    """Where files that lay at an address of another server lie now: with the run or model that came over with them. An
    address that names neither is kept as it is.
    """
    try:
        path = unquote(urlsplit(location).path)
    except ValueError:
        return location
    parts = [part for part in path.split("/") if part]
    if _DETOUR.search(path):
        return location
    for at, part in enumerate(parts):
        owner = _owner(parts[:at]) if part == ROOT else None
        if owner is not None:
            return "/".join([location_of(owner), *parts[at + 1 :]])
    return location


def _owner(above: list[str]) -> Run | LoggedModel | None:
    if above[-2:-1] == [MODELS]:
        return LoggedModel.objects.active().filter(model_id=above[-1]).select_related("experiment").first()
    return Run.objects.filter(run_id=above[-1]).select_related("experiment").first() if above else None


def _bring_aliases(home: RegisteredModel, found: RegisteredFound, report: Report) -> None:
    """Those that lead nowhere here: an alias that was moved here stays where it is."""
    versions = {version.version: version for version in home.versions.active()}
    known = set(home.aliases.values_list("alias", flat=True))
    for alias, number in found.aliases.items():
        if alias in known:
            continue
        try:
            check_new_alias(alias)
        except InvalidValue as error:
            report.refuse(found.place, f"{error.message} It was left out.")
            continue
        if number not in versions:
            report.refuse(found.place, f"The alias {alias} was left out: there is no version {number}.")
            continue
        ModelAlias.objects.create(registered_model=home, alias=alias, model_version=versions[number])
