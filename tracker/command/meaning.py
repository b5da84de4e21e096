"""What a person means who names a server, an experiment or a run."""

from urllib.parse import quote

from tracker import settings
from tracker.delivery.server import Server
from tracker.errors import Refused, TrackerError


def server_at(uri: str | None) -> Server:
    """The server that an option names, or else the settings."""
    return Server(settings.checked_uri(uri) if uri else settings.uri(), settings.token())


def experiment_id(server: Server, name: str) -> int:
    """The id of the experiment of a name.

    Errors: Refused when there is none.
    """
    return int(server.get(f"experiments/by-name/{quote(name, safe='')}/")["experiment_id"])


def full_id(server: Server, said: str) -> str:
    """The id of the run that was meant.

    Errors: TrackerError when it is none, or several.
    """
    try:
        return str(server.get(f"runs/{quote(said, safe='')}/", columns="params.none")["run_id"])
    except Refused as error:
        if error.status != 404:
            raise
    quoted = said.replace("'", "''")
    for condition in (f"run_id LIKE '{quoted}%'", f"run_name = '{quoted}'"):
        found = server.get("runs/", filter=condition, limit=2)["runs"]
        if len(found) == 1:
            return str(found[0]["run_id"])
        if found:
            raise TrackerError(f"{said!r} means several runs. Give more of its id.")
    raise TrackerError(f"There is no run {said!r} on {server.uri}, by id or by name.")
