"""Starts a run as a process of this machine, where the owner allowed it, and minds what becomes of it."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from experiments.models import Experiment
from projects import processes
from projects.asking import Wanted
from projects.models import Launch
from runs import ingest
from runs.creating import put_run
from runs.models import Run, RunStatus
from runs.run_page.ansi import plain
from trackerweb.clock import now_ms
from trackerweb.errors import Conflict, NotAllowed, ServerBusy
from trackerweb.transactions import write_transaction

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 4
#: How long to wait for a database that is held before the end of a process is stored, time after time.
SETTLE_AGAIN_SECONDS = (0.2, 1.0, 5.0, 20.0)
#: How long a process that was asked to end may take, before it is ended.
GRACE_SECONDS = 20.0
#: A launch without a process is one whose server ended in between.
STILL_BEGINNING_MS = 60_000
#: What is this server's own affair, or would make the new run another one.
_NOT_FOR_RUNS = {
    "DJANGO_SETTINGS_MODULE", "DATABASE_URL", "TRACKER_HOME", "TRACKER_ARTIFACTS", "TRACKER_ALLOW_RUNS",
    "TRACKER_RUN_ID", "TRACKER_EXPERIMENT", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME",
}  # fmt: skip
#: Launches whose end a thread of this process waits for: it alone knows how they ended.
_minded: set[int] = set()
PROGRAM = (sys.executable, "-m", "tracker")
#: Packages that `tracker run` imports and the server does not.
_OF_CLIENT = ("click", "packaging", "platformdirs", "psutil")


def require_allowed() -> None:
    """Refuse where the owner did not allow it.

    Errors: NotAllowed says how it is.
    """
    if not settings.TRACKER_ALLOW_RUNS:
        raise NotAllowed(
            "Runs are not started from pages here. Start the server with TRACKER_ALLOW_RUNS=1 to allow it: who opens "
            "its pages can then run any code on this machine."
        )


def _require_client() -> None:
    """Refuse where `tracker run` can't work: the server itself needs less than the client."""
    lacking = [name for name in _OF_CLIENT if find_spec(name) is None]
    if lacking:
        raise Conflict(
            f"To start runs, the client has to be in the server's environment, which lacks {', '.join(lacking)}. "
            f"In Trackerweb's folder: {sys.executable} -m pip install ."
        )


def start(wanted: Wanted, server: str) -> Launch:
    """Make a run, and the process that is to fill it. `server` is the address that the process logs to.

    Errors: InvalidValue; Conflict while MOST_AT_ONCE are going on, or in the trash; NotAllowed.
    """
    require_allowed()
    _require_client()
    wanted = wanted.checked()
    settle_all()
    run_id = uuid.uuid4().hex
    command = wanted.command(PROGRAM, run_id)
    with write_transaction():
        if Launch.objects.open().count() >= MOST_AT_ONCE:
            raise Conflict(f"{MOST_AT_ONCE} runs that were started here are going on. Stop one, or wait for its end.")
        experiment = Experiment.objects.get_or_add(wanted.experiment)[0]
        scheduled = RunStatus.SCHEDULED
        put_run(run_id, experiment, name=wanted.name, entry_point=wanted.entry_point, status=scheduled)
        launch = Launch.objects.create(run_id=run_id, uri=wanted.uri, wanted=wanted.kept(), creation_time=now_ms())
    _begin(launch, command, server)
    return launch


def _begin(launch: Launch, command: list[str], server: str) -> None:
    try:
        process = processes.begin(command, settings.BASE_DIR, _environment(server), launch.log)
    except (OSError, ValueError) as error:
        launch.log.parent.mkdir(parents=True, exist_ok=True)
        launch.log.write_text(f"The process could not begin: {error}\n")
        settle(launch, 127)
        return
    launch.pid, launch.process_start = process.pid, processes.start_of(process.pid)
    launch.save(update_fields=["pid", "process_start"])
    _minded.add(launch.pk)
    threading.Thread(target=_mind, args=(launch, process), name=f"launch-{launch.pk}", daemon=True).start()


def _environment(server: str) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_FOR_RUNS}
    # `python` in a command is this server's, in whose environment the client is.
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)])
    return kept | {"TRACKER_URI": server, "PYTHONUNBUFFERED": "1", "PATH": path}


def _mind(launch: Launch, process: "subprocess.Popen[bytes]") -> None:
    """Wait for the end of a process, and tell it."""
    status = process.wait()
    try:
        _settle_patiently(launch, status)
    finally:
        _minded.discard(launch.pk)
        connection.close()


def _settle_patiently(launch: Launch, status: int) -> None:
    """Nobody asks again for what a thread could not store: it waits for the database, in the end as `settle_all`."""
    for seconds in SETTLE_AGAIN_SECONDS:
        try:
            return settle(launch, status)
        except (DatabaseError, ServerBusy) as error:
            logger.warning("The end of the process of run %s waits for the database: %s", launch.run_id, error)
            connection.close()
            time.sleep(seconds)
    return None


def settle_all() -> None:
    """Tell the end of what a server before this one began, and could not wait for."""
    for launch in Launch.objects.open().exclude(pk__in=list(_minded)):
        process = launch.process
        if not (process.is_alive if process else launch.age_ms < STILL_BEGINNING_MS):
            settle(launch, None)


def settle(launch: Launch, status: int | None) -> None:
    """Note that a process has ended, with its exit status if it is known, and that its run has if nobody else did."""
    launch.refresh_from_db()
    launch.exit_status = status
    # First the run: as long as the launch is open, this is done again where it was cut off.
    _end_run(launch)
    Launch.objects.filter(pk=launch.pk).update(end_time=now_ms(), exit_status=status)


def _end_run(launch: Launch) -> None:
    run = Run.objects.find(launch.run_id)
    if run is None or run.status not in (RunStatus.SCHEDULED, RunStatus.RUNNING) or not run.is_active:
        return
    failure = _failure(launch, run.status == RunStatus.SCHEDULED)
    ingest.store(
        run.run_id, ingest.Batch(status="KILLED" if launch.stop_time else "FAILED", end_time=now_ms(), failure=failure)
    )


def _failure(launch: Launch, never_began: bool) -> str:
    when = "before the run began" if never_began else "without a word on how the run ended"
    tail = "\n".join(plain(line) for line in launch.tail.splitlines())
    return f"Its process {_end_words(launch.exit_status)} {when}.\n\n{tail}".strip()


def _end_words(status: int | None) -> str:
    if status is None:
        return "ended"
    return f"was ended by {_signal_name(-status)}" if status < 0 else f"ended with status {status}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def stop(launch: Launch) -> bool:
    """End a process that was started here: asked first, then, GRACE_SECONDS later or when asked again, made to.

    Whether it was alive. Errors: NotAllowed.
    """
    require_allowed()
    process = launch.process
    if process is None or not launch.is_open or not process.is_alive:
        settle_all()
        return False
    if launch.stop_time is not None:
        return process.kill()
    Launch.objects.filter(pk=launch.pk).update(stop_time=now_ms())
    end = threading.Timer(GRACE_SECONDS, process.kill)
    end.daemon = True
    end.start()
    return process.stop()
