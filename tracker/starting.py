"""Makes runs: new ones, ones to go on with, and ones that belong to another process."""

import getpass
import re
import threading
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tracker import capture, ranks, settings
from tracker.capture import environment, source
from tracker.capture.console import Console
from tracker.capture.system import Sampler
from tracker.ending import Ending
from tracker.errors import InvalidValue, TrackerError
from tracker.notices import say, warn
from tracker.open_run import Identity, end_all, now_ms
from tracker.run import Run

_RUN_ID = re.compile(r"[a-zA-Z0-9][\w-]{0,255}", re.ASCII)
#: How long a run that ends waits for git and the list of packages.
CAPTURE_SECONDS = 20.0
#: How long to ask for the steps of a run that is resumed.
RESUME_SECONDS = 10.0

_watching = threading.Lock()


def start(fields: Mapping[str, Any], kinds: Iterable[str] | None) -> Run:
    """A new run, made of the fields of `PUT runs/{run_id}/` (docs/api.md), which captures what `kinds` says."""
    chosen = capture.chosen(kinds)
    name, kind = source.name_and_type()
    made = {"start_time": now_ms(), "user": user(), "source_name": name, "source_type": kind} | dict(fields)
    run = Run(_identity(uuid.uuid4().hex, made), is_owner=True, logs=ranks.logs_here())
    _begin(run, chosen)
    return run


def resume(run_id: str, fields: Mapping[str, Any], kinds: Iterable[str] | None) -> Run:
    """A run to go on with: it is RUNNING again, and steps are counted on from its last ones.

    Errors: InvalidValue for an id that there can't be.
    """
    chosen = capture.chosen(kinds)
    identity = _identity(run_id, fields)
    run = Run(identity, is_owner=True, logs=ranks.logs_here(), steps=_last_steps(identity))
    run.say({"status": "RUNNING"})
    _begin(run, chosen)
    return run


def own(run_id: str, fields: Mapping[str, Any]) -> Run:
    """A run that this process owns and tells all of: nothing is captured by itself. One that is there goes on.

    Errors: InvalidValue for an id that there can't be.
    """
    run = Run(_identity(run_id, fields), is_owner=True, logs=ranks.logs_here())
    run.say({"status": "RUNNING"})
    _begin(run, frozenset())
    return run


def join(run_id: str, *, every_rank: bool = True) -> Run:
    """A run that another process owns: what is logged here goes to it, and only its owner ends it.

    Errors: InvalidValue for an id that there can't be.
    """
    run = Run(_identity(run_id, {}), is_owner=False, logs=every_rank or ranks.logs_here())
    watch()
    return run


def watch() -> None:
    """End the runs of this process as the process ends."""
    if _watching.acquire(blocking=False):
        Ending(end_all).watch()


def check_id(run_id: str) -> None:
    """Refuse what can be no run's id.

    Errors: InvalidValue.
    """
    if not _RUN_ID.fullmatch(run_id):
        raise InvalidValue(
            f"{run_id[:80]!r} is no run id: up to 256 letters, digits, - and _, the first a letter or digit."
        )


def _identity(run_id: str, fields: Mapping[str, Any]) -> Identity:
    check_id(run_id)
    return Identity(run_id, settings.uri(), settings.token(), dict(fields))


def _begin(run: Run, kinds: frozenset[str]) -> None:
    watch()
    capture.prepare(kinds)
    if run.logs:
        say(f"logging to {run.url}")
        _capture(run, kinds)


def _capture(run: Run, kinds: frozenset[str]) -> None:
    """Begin to capture; what takes a while is found out by a thread, which the run waits for when it ends."""
    if kinds & _FOUND_OUT:
        # Asked for here: Python forgets the file of a program that has come to its end.
        folder = source.folder_of_code()
        finder = threading.Thread(
            target=_say_environment,
            args=(run, kinds, folder, source.folder_of_work()),
            name="tracker-capture",
            daemon=True,
        )
        finder.start()
        run.at_end(lambda: finder.join(CAPTURE_SECONDS))
    if "console" in kinds:
        console = Console(lambda stream, offset, text: _say_output(run, stream, offset, text))
        console.open()
        run.at_end(console.close)
    if "system" in kinds:
        sampler = Sampler(lambda load: _log_load(run, load))
        sampler.start()
        run.at_end(sampler.stop)


def _say_environment(run: Run, kinds: frozenset[str], folder: Path, work: Path | None) -> None:
    told: dict[str, Any] = {"command": source.command()} | environment.python() if "command" in kinds else {}
    if "command" in kinds:
        told |= {"folder": str(work or ""), "source_folder": str(source.root_of(folder))}
    tags: dict[str, str] = {}
    for kind, find in (("packages", environment.packages), ("hardware", environment.hardware)):
        if kind in kinds:
            told[kind] = find()
    if "packages" in kinds and environment.origins():
        told["origins"] = environment.origins()
    if "source" in kinds:
        told["source"] = source.files(folder)
    if "git" in kinds:
        told["git"] = source.git(folder)
        if told["git"]:
            tags = {"mlflow.source.git.commit": told["git"]["commit"]}
            tags |= {f"mlflow.source.git.{name}": told["git"][field] for name, field in _GIT_TAGS if told["git"][field]}
    try:
        run.say({"environment": told} | ({"tags": tags} if tags else {}))
    except TrackerError:
        warn(f"what run {run.run_id} ran in was not found out before it ended.")


_FOUND_OUT = {"command", "git", "source", "packages", "hardware"}
_GIT_TAGS = (("branch", "branch"), ("repoURL", "remote"))


def _say_output(run: Run, stream: str, offset: int, text: str) -> None:
    # What is printed between a run's end and the next line goes to the terminal alone.
    if not run.has_ended:
        run.say({"console": [{"stream": stream, "offset": offset, "text": text}]})


def _log_load(run: Run, load: dict[str, float]) -> None:
    if not run.has_ended:
        run.log(load)


def _last_steps(identity: Identity) -> dict[str, int]:
    """The next step of each metric that the run has; none where the server does not say so in time."""
    from tracker.delivery.server import Server

    found: dict[str, int] = {}
    server = Server(identity.uri, identity.token)

    def ask() -> None:
        try:
            metrics = server.get(f"runs/{identity.run_id}/")["metrics"]
        except TrackerError:
            return
        found.update({key: summary["last_step"] + 1 for key, summary in metrics.items()})

    asking = threading.Thread(target=ask, name="tracker-resume", daemon=True)
    asking.start()
    asking.join(RESUME_SECONDS)
    return dict(found)


def user() -> str:
    """Who runs this, by the system's name; empty where it has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
