"""Reads registered models from MLflow's database."""

from typing import Any

from importing.found import RegisteredFound, VersionFound
from importing.mlflow_db.database import Database, Row
from importing.mlruns.registry import fields_of, version_of

#: Columns that are called otherwise than in files.
_NAMES = {"creation_time": "creation_timestamp", "last_updated_time": "last_updated_timestamp"}


class RegisteredRow:
    """A registered model."""

    def __init__(self, row: Row, database: Database) -> None:
        self.place = f"registered_models/{row['name']}"
        self._row, self._database = row, database

    def read(self) -> RegisteredFound:
        """What it says of itself.

        Errors: Unreadable.
        """
        rows = {table: self._mine(table) for table in ("registered_model_tags", "registered_model_aliases")}
        return RegisteredFound(
            name=str(self._row["name"]),
            place=self.place,
            fields=fields_of(_told(self._row)),
            tags={row["key"]: row["value"] or "" for row in rows["registered_model_tags"]},
            aliases={row["alias"]: int(row["version"]) for row in rows["registered_model_aliases"]},
            versions=self._versions(),
        )

    def _versions(self) -> list[VersionFound]:
        tags: dict[int, dict[str, str]] = {}
        for row in self._mine("model_version_tags"):
            tags.setdefault(row["version"], {})[row["key"]] = row["value"] or ""
        versions = self._mine("model_versions")
        return [version_of(_told(row), int(row["version"]), tags.get(row["version"], {})) for row in versions]

    def _mine(self, table: str) -> list[Row]:
        return self._database.rows(table, "name = ?", (self._row["name"],))


def _told(row: Row) -> dict[str, Any]:
    return {_NAMES.get(name, name): value for name, value in row.items()}
