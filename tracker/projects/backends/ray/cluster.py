"""A Ray cluster, asked by its client for jobs. What it answers becomes errors of ours."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any, TypeVar

from tracker.delivery.backoff import Backoff
from tracker.errors import InvalidValue, MissingLibrary, TrackerError, Unavailable
from tracker.notices import warn

_Answer = TypeVar("_Answer")
#: Loggers of Ray's that say each file of a package and each connection.
_CHATTY = ("ray.dashboard.modules.dashboard_sdk", "ray.dashboard.modules.job.sdk", "ray._private.runtime_env.packaging")
_WINNING = ("RAY_API_SERVER_ADDRESS", "RAY_ADDRESS")
#: How long a list of the nodes may take.
_NODES_SECONDS = 30


class Cluster:
    """The jobs of one cluster. A call that does not reach it is tried again for `lost_seconds`."""

    def __init__(self, address: str | None, lost_seconds: float) -> None:
        self._client = _client(address)
        self._lost_seconds = lost_seconds

    @property
    def address(self) -> str:
        """Where its dashboard is."""
        return str(self._client.get_address())

    def details(self, job_id: str) -> Any | None:
        """What Ray tells of a job; None when it knows none of this name.

        Errors: Unavailable when the cluster stayed out of reach.
        """
        return self._asked(lambda: _or_none(lambda: self._client.get_job_info(job_id)))

    def submit(self, job_id: str, attempt: str, entry_point: str, **said: Any) -> None:
        """Start a job, once. `attempt` tells it from others of the same name when an answer was lost.

        Errors: TrackerError when Ray refuses it; Unavailable.
        """
        metadata = {"tracker.attempt": attempt}

        def go() -> None:
            try:
                self._client.submit_job(submission_id=job_id, entrypoint=entry_point, metadata=metadata, **said)
            except RuntimeError as error:
                if "already exists" not in str(error) or not self._is_of(job_id, attempt):
                    raise

        self._asked(go)

    def _is_of(self, job_id: str, attempt: str) -> bool:
        found = self._client.get_job_info(job_id)
        return bool((found.metadata or {}).get("tracker.attempt") == attempt)

    def stop(self, job_id: str) -> None:
        """Ask Ray to end a job; nothing for one that has ended or is not known.

        Errors: Unavailable.
        """
        self._asked(lambda: _or_none(lambda: self._client.stop_job(job_id)))

    def tail(self, job_id: str) -> AsyncIterator[str]:
        """A job's log from its beginning, as it is written, until the job ends."""
        lines: AsyncIterator[str] = self._client.tail_job_logs(job_id)
        return lines

    def log(self, job_id: str) -> str:
        """A job's log as it is now; empty for what is no text.

        Errors: Unavailable.
        """
        try:
            return str(self._asked(lambda: self._client.get_job_logs(job_id)))
        except Unavailable:
            raise
        except TrackerError as error:
            warn(f"the end of the log is not there. {error}")
            return ""

    def nodes(self) -> list[dict[str, float]]:
        """The resources of each node that is alive, by Ray's names.

        Errors: Unavailable.
        """
        from ray.util.state import list_nodes

        found = self._asked(lambda: list_nodes(address=self.address, timeout=_NODES_SECONDS, limit=10_000))
        return [node.resources_total for node in found if node.state == "ALIVE"]

    def _asked(self, ask: Callable[[], _Answer]) -> _Answer:
        deadline, backoff = time.monotonic() + self._lost_seconds, Backoff()
        while True:
            try:
                return ask()
            except (OSError, RuntimeError, ValueError, TypeError) as error:
                # What Ray looks at before it asks the cluster is of the last two kinds.
                if not _is_lost(error):
                    raise TrackerError(f"Ray at {self.address} said no: {_last_line(error)}") from None
                if time.monotonic() > deadline:
                    raise Unavailable(f"Ray at {self.address} can't be reached: {_last_line(error)}") from None
            backoff.failed()
            time.sleep(backoff.seconds_left)


def slots(nodes: Iterable[Mapping[str, float]], needs: Mapping[str, float]) -> int | None:
    """How many jobs the nodes hold at once; None when a job reserves nothing."""
    if not needs:
        return None
    return sum(int(min(node.get(name, 0) // amount for name, amount in needs.items())) for node in nodes)


def _client(address: str | None) -> Any:
    """Ray's client for jobs.

    Errors: MissingLibrary, InvalidValue for an address that a variable overrules, Unavailable; TrackerError when the
    cluster wants a token.
    """
    try:
        from ray import __version__ as ours
        from ray.exceptions import RayError
        from ray.job_submission import JobSubmissionClient
    except ImportError as error:
        raise MissingLibrary(f"The backend 'ray' needs Ray ({error}): pip install 'ray[default]'.") from None
    _check_variables(address)
    place = address or _told_by_variables() or "this machine"
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        client = JobSubmissionClient(address)
    except ImportError as error:
        raise MissingLibrary(f"Ray lacks its client for jobs ({error}): pip install 'ray[default]'.") from None
    except RayError:
        raise TrackerError(
            f"Ray at {place} wants its token: set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN to what `ray get-auth-token` "
            "says on its head."
        ) from None
    except (OSError, RuntimeError, ValueError) as error:
        raise Unavailable(
            f"No Ray answers at {place}: {_last_line(error)} Start one with ray start --head, or say where: "
            '--backend-config \'{"address": "http://HOST:8265"}\'.'
        ) from None
    _compare(ours, getattr(client, "_server_ray_version", None) or ours)
    return client


def _told_by_variables() -> str | None:
    return next((os.environ[name] for name in _WINNING if os.environ.get(name)), None)


def _check_variables(address: str | None) -> None:
    told = _told_by_variables()
    if address and told and told.rstrip("/") != address.rstrip("/"):
        name = next(name for name in _WINNING if os.environ.get(name))
        raise InvalidValue(
            f"backend_config says address={address!r}, and {name}={told!r}, which Ray would follow. Unset {name}, or "
            "leave the address out."
        )


def _compare(ours: str, theirs: str) -> None:
    if ours != theirs:
        warn(
            f"Ray {ours} is installed here, {theirs} runs on the cluster. If it refuses the job: "
            f"pip install 'ray[default]=={theirs}'."
        )


def _or_none(ask: Callable[[], _Answer]) -> _Answer | None:
    try:
        return ask()
    except RuntimeError as error:
        if "status code 404" in str(error):
            return None
        raise


def _is_lost(error: Exception) -> bool:
    """Whether the same may succeed later: no connection, or a proxy whose server is away."""
    return isinstance(error, OSError) or any(f"status code {code}" in str(error) for code in (502, 503, 504))


def _last_line(error: Exception) -> str:
    """What an error says at its end: Ray answers with whole tracebacks."""
    lines = [line for line in str(error).splitlines() if line.strip(" .")]
    return lines[-1].strip()[:500] if lines else type(error).__name__
