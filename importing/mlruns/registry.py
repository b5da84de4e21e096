"""Reads a registered model's folder, as MLflow's file store writes them (reference: mlflow 3.17, B6 of its formats)."""

import re
from typing import Any

from importing.found import RegisteredFound, Seen, Unreadable, VersionFound
from importing.mlruns import texts
from importing.mlruns.folder import Folder
from importing.mlruns.meta import META, mapping, parse, read_meta, text, whole
from importing.reporting import Report
from registry.models import Stage, VersionStatus

_PREFIX = "version-"
_NUMBER = re.compile("[0-9]{1,18}")
#: What MLflow calls the stage of versions that were deleted.
DELETED = "Deleted_Internal"


class RegisteredFolder:
    """A registered model's folder."""

    def __init__(self, folder: Folder, report: Report) -> None:
        self.place = folder.place
        self._folder, self._report = folder, report

    def read(self) -> RegisteredFound:
        """What it says of itself.

        Errors: Unreadable.
        """
        file = self._folder.file(META)
        if file is None:
            raise Unreadable("It has no meta.yaml: it is no registered model.")
        meta = parse(file)
        aliases = texts.read(self._folder, "aliases", Seen(), self._report, strip_newline=True)
        return RegisteredFound(
            name=text(meta, "name") or self._folder.name,
            place=self.place,
            fields=fields_of(meta),
            tags=texts.read(self._folder, "tags", Seen(), self._report),
            aliases=self._numbers(mapping(meta, "aliases") | aliases),
            versions=[found for folder in self._folder.folders() if (found := self._version(folder)) is not None],
        )

    def _numbers(self, aliases: dict[str, str]) -> dict[str, int]:
        numbers = {alias: number for alias, number in aliases.items() if _NUMBER.fullmatch(number.strip())}
        for alias in aliases.keys() - numbers.keys():
            self._report.refuse(self.place, f"The alias {alias[:80]} was left out: it leads to no number.")
        return {alias: int(number) for alias, number in numbers.items()}

    def _version(self, folder: Folder) -> VersionFound | None:
        if not folder.name.startswith(_PREFIX):
            return None
        try:
            meta = read_meta(folder) or {}
            number = whole(meta, "version") or int(folder.name.removeprefix(_PREFIX))
            return version_of(meta, number, texts.read(folder, "tags", Seen(), self._report))
        except (Unreadable, ValueError) as error:
            self._report.refuse(folder.place, f"{error} It was left out.")
            return None


def fields_of(meta: dict[str, Any]) -> dict[str, Any]:
    """The columns of a registered model."""
    return {
        "description": text(meta, "description"),
        "creation_time": whole(meta, "creation_timestamp"),
        "last_update_time": whole(meta, "last_updated_timestamp"),
    }


def version_of(meta: dict[str, Any], number: int, tags: dict[str, str]) -> VersionFound:
    """A version, from what a source says of it by MLflow's names.

    Errors: Unreadable.
    """
    stage = text(meta, "current_stage") or Stage.NONE
    is_deleted = stage == DELETED
    fields = {
        "source": text(meta, "source"),
        "run_id": text(meta, "run_id"),
        "model_id": text(meta, "model_id"),
        "run_link": text(meta, "run_link"),
        "description": text(meta, "description") if meta.get("description") is not None else None,
        "user": text(meta, "user_id"),
        "stage": stage if stage in Stage.values else Stage.NONE,
        "status": text(meta, "status") if text(meta, "status") in VersionStatus.values else VersionStatus.READY,
        "status_message": text(meta, "status_message"),
        "creation_time": whole(meta, "creation_timestamp"),
        "last_update_time": whole(meta, "last_updated_timestamp"),
    }
    location = text(meta, "storage_location") or text(meta, "source")
    return VersionFound(number, fields, location, is_deleted, tags)
