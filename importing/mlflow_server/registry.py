"""Asks an MLflow server for its registered models."""

from typing import Any

from importing.found import RegisteredFound, VersionFound
from importing.mlflow_server.rest import Rest
from importing.mlruns.registry import fields_of, version_of

PAGE = 1000


class ServerRegistered:
    """A registered model, as the server told of it."""

    def __init__(self, told: dict[str, Any], rest: Rest) -> None:
        self._told, self._rest = told, rest
        self.place = f"registered-models/{told.get('name', '')}"

    def read(self) -> RegisteredFound:
        """What the server says of it.

        Errors: Unreadable.
        """
        return RegisteredFound(
            name=str(self._told["name"]),
            place=self.place,
            fields=fields_of(self._told),
            tags=_pairs(self._told),
            aliases={item["alias"]: int(item["version"]) for item in self._told.get("aliases", [])},
            versions=self._versions(),
        )

    def _versions(self) -> list[VersionFound]:
        name = str(self._told["name"]).replace("'", "\\'")
        asked = {"filter": f"name = '{name}'", "max_results": PAGE}
        found = [item for page in self._rest.paged("model-versions/search", "model_versions", **asked) for item in page]
        return [version_of(item, int(item["version"]), _pairs(item)) for item in reversed(found)]


def _pairs(told: dict[str, Any]) -> dict[str, str]:
    return {str(item["key"]): str(item.get("value", "")) for item in told.get("tags", [])}
