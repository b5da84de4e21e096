"""What the files lane does for models: make one, say that it is whole, register it. Each may be done again."""

import re
from typing import Any

from tracker.delivery.server import Server
from tracker.journal.entries import Entry

_MODEL_ID = re.compile(r"m-[0-9a-f]{32}")
_FIELDS = ("name", "model_type", "params", "tags", "step")


def model_id_of(entry: Entry) -> str | None:
    """The id of the model that an entry, or a file in one, speaks of; None for what is no id."""
    told = entry.get("model", entry.get("model_ready"))
    model_id = told.get("model_id") if isinstance(told, dict) else told
    return model_id if isinstance(model_id, str) and _MODEL_ID.fullmatch(model_id) else None


class ModelSteps:
    """The models of one journal."""

    def __init__(self, server: Server, run_id: str) -> None:
        self._server, self._run_id = server, run_id
        self._doubted: set[str] = set()

    def tell(self, entry: Entry) -> None:
        """Do what an entry about a model says.

        Errors: Unavailable, Refused.
        """
        model_id = str(model_id_of(entry))
        told = entry.get("model")
        if isinstance(told, dict):
            fields = {name: told[name] for name in _FIELDS if name in told}
            self._server.put_model(model_id, fields | {"source_run_id": self._run_id})
            return
        self._server.finish_model(model_id)
        home = _home(entry["model_ready"])
        if home is not None:
            name, aliases = home
            self._server.register_model(name, model_id, aliases)

    def doubt(self, model_id: str) -> bool:
        """Note that something of a model was refused; False where that is known already."""
        is_new = model_id not in self._doubted
        self._doubted.add(model_id)
        return is_new


def _home(told: Any) -> tuple[str, list[str]] | None:
    """The registered model that a model becomes a version of, with aliases; None for none, and for no name."""
    register = told.get("register")
    name = register.get("name") if isinstance(register, dict) else None
    if not isinstance(name, str) or name in {"", ".", ".."}:
        return None
    aliases = register.get("aliases")
    return name, [alias for alias in aliases if isinstance(alias, str)] if isinstance(aliases, list) else []
