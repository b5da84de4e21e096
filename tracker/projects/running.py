"""Runs a project: fetches it, makes its run, hands its command to a backend."""

import os
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tracker import capture, fluent, settings, starting
from tracker.delivery.server import Server
from tracker.errors import InvalidValue, Refused, Unavailable
from tracker.notices import warn
from tracker.open_run import made_with
from tracker.projects import asking, backends, sources, telling
from tracker.projects.asking import Asked
from tracker.projects.backends import Backend, Job, Output
from tracker.projects.definition import load
from tracker.projects.following import ProjectFailed, SubmittedRun, to_terminal
from tracker.projects.signals import held
from tracker.projects.sources import Source
from tracker.projects.telling import Surroundings
from tracker.run import Run

#: How long to ask the server for the run, which is started without it if need be.
SERVER_SECONDS = 10.0
#: What runs a project unless it is said, by what it asks for.
_MANAGERS = {"python": "virtualenv", "conda": "conda"}


def run(
    uri: str | os.PathLike[str],
    entry_point: str = "main",
    version: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    docker_args: Mapping[str, Any] | None = None,
    experiment_name: str | None = None,
    experiment_id: str | int | None = None,
    backend: str = "local",
    backend_config: Mapping[str, Any] | str | None = None,
    storage_dir: str | Path | None = None,
    synchronous: bool = True,
    run_id: str | None = None,
    run_name: str | None = None,
    env_manager: str | None = None,
    build_image: bool = False,
    *,
    parent_run_id: str | None = None,
    tags: Mapping[str, Any] | None = None,
) -> SubmittedRun:
    """Run an entry point of a project: a folder, a git address or a zip, with `#subfolder`.

    `env_manager` is local, virtualenv, uv or conda; unless said, what the project asks for. Inside of a project, and
    while a run is active, the new run is its child. With `synchronous=False` it returns once the command runs.

    Errors: ProjectFailed when the command fails; InvalidValue, InvalidProject; TrackerError for what can't be started.
    """
    what = asked(
        uri, entry_point, version, parameters, docker_args=docker_args, experiment_name=experiment_name,
        experiment_id=experiment_id, backend=backend, backend_config=backend_config, storage_dir=storage_dir,
        run_id=run_id, run_name=run_name, env_manager=env_manager, build_image=build_image,
        parent_run_id=parent_run_id, tags=tags,
    )  # fmt: skip
    submitted = launch(what)
    if synchronous and not submitted.wait():
        raise ProjectFailed(f"Run {submitted.run_id} failed: {submitted.ending}. {submitted.url}")
    return submitted


def asked(
    uri: str | os.PathLike[str],
    entry_point: str = "main",
    version: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    *,
    docker_args: Mapping[str, Any] | None = None,
    experiment_name: str | None = None,
    experiment_id: str | int | None = None,
    backend: str = "local",
    backend_config: Mapping[str, Any] | str | None = None,
    storage_dir: str | Path | None = None,
    run_id: str | None = None,
    run_name: str | None = None,
    env_manager: str | None = None,
    build_image: bool = False,
    parent_run_id: str | None = None,
    tags: Mapping[str, Any] | None = None,
) -> Asked:
    """What `run` is asked for, checked as far as it can be without the project; see `launch`.

    Errors: InvalidValue.
    """
    fields = _fields(run_id, experiment_name, experiment_id, run_name, parent_run_id, tags)
    return Asked(
        os.fspath(uri), entry_point, version, {key: str(value) for key, value in (parameters or {}).items()}, backend,
        asking.options(backend_config), env_manager, Path(storage_dir) if storage_dir else None, docker_args or {},
        build_image, run_id, fields,
    )  # fmt: skip


def _fields(
    run_id: str | None, experiment_name: str | None, experiment_id: str | int | None, run_name: str | None,
    parent_run_id: str | None, tags: Mapping[str, Any] | None,
) -> dict[str, Any]:  # fmt: skip
    """What is said of the run to be made, as `PUT runs/{run_id}/` takes it."""
    # Scripts hand on what their own command line left empty.
    experiment_id = None if experiment_id == "" else experiment_id
    if experiment_name and experiment_id is not None:
        raise InvalidValue("experiment_name and experiment_id both say where the run goes: give one of them.")
    if experiment_id is not None and not str(experiment_id).isdecimal():
        raise InvalidValue(f"experiment_id={experiment_id!r} is no number; an experiment's name is experiment_name.")
    above = fluent.active_run()
    # One that this process has just started may not have come to the server yet: whoever comes first makes it.
    told = made_with(run_id) if run_id else {}
    # A run that is there has its experiment.
    if run_id is None or experiment_name or experiment_id is not None:
        told.pop("experiment", None)
        told.pop("experiment_id", None)
        told |= fluent.home(experiment_name, experiment_id)
    parent = parent_run_id or (above.run_id if above else settings.project_run())
    named = {"name": run_name, "parent_run_id": "" if parent == run_id else parent}
    told |= {name: value for name, value in named.items() if value}
    return told | {"tags": {key: str(value) for key, value in (tags or {}).items()}}


def _no_matter(submitted: SubmittedRun) -> None:
    """Nobody asked for the run before its command runs."""


def launch(
    asked: Asked, show: Output = to_terminal, begun: Callable[[SubmittedRun], None] = _no_matter
) -> SubmittedRun:
    """Start what was asked for; what it prints is passed to `show`. Returns once the command runs.

    `begun` is told the run as soon as there is one. Errors: InvalidValue, InvalidProject, TrackerError; the run, once
    there is one, has then ended as FAILED or KILLED.
    """
    backend = backends.find(asked.backend)
    found = sources.fetched(asked.uri, asked.version)
    if asked.named:
        found = replace(found, uri=asked.named)
    try:
        submitted = _started(asked, backend, found, show, begun)
    except BaseException:
        found.delete()
        raise
    return submitted


@contextmanager
def _starting() -> Iterator[list[SubmittedRun]]:
    """While inside, an exception ends the run that was put into the list: its command does not start."""
    begun: list[SubmittedRun] = []
    try:
        yield begun
    except BaseException as error:
        for submitted in begun:
            submitted.fail(error)
        raise


def _started(
    asked: Asked, backend: Backend, found: Source, show: Output, begun: Callable[[SubmittedRun], None]
) -> SubmittedRun:
    """The run of a project that is here."""
    kinds = capture.chosen(None)
    project = load(found.folder)
    line = project.entry_point(asked.entry_point).line(asked.parameters, project.folder, asked.storage)
    manager = asked.manager or _MANAGERS.get(project.environment.kind, "local")
    run_id = asked.run_id or uuid.uuid4().hex
    fields = telling.fields_of(asked, found)
    # Once the server has the run, it has to be told how it ends.
    with _starting() as made, held():
        home = _made(run_id, fields) or fields
        run = starting.own(run_id, fields)
        submitted = SubmittedRun(run, show, keeps_output="console" in kinds)
        made.append(submitted)
        begun(submitted)
        submitted.at_end(found.delete)
        run.log_params(line.params)
        told = telling.project_of(asked, found, project, line, manager)
        surroundings = Surroundings(run, told, project.folder, kinds)
        submitted.at_end(surroundings.close)
        job = Job(
            run_id, project, line.command, _variables(run, home), manager, asked.options, asked.docker_args,
            asked.build_image, surroundings.tell,
        )  # fmt: skip
        submitted.follow(backend.submit(job, submitted.output))
    return submitted


def _made(run_id: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The `experiment` and `experiment_id` of the run, which is made on the server; empty where that does not answer.

    Errors: Refused.
    """
    answers: list[dict[str, Any] | Refused] = []
    asking_it = threading.Thread(target=_ask, args=(run_id, fields, answers), name="tracker-start", daemon=True)
    asking_it.start()
    asking_it.join(SERVER_SECONDS)
    if not answers:
        warn(f"{settings.uri()} does not answer: the run begins without it, and is delivered when it does.")
        return {}
    if isinstance(answers[0], Refused):
        raise answers[0]
    return {"experiment": answers[0]["name"], "experiment_id": answers[0]["experiment_id"]}


def _ask(run_id: str, fields: Mapping[str, Any], answers: list[dict[str, Any] | Refused]) -> None:
    server = Server(settings.uri(), settings.token())
    try:
        made = server.put_run(run_id, fields)
        if made["lifecycle_stage"] == "deleted":
            answers.append(Refused(f"Run {run_id!r} is in the trash. Restore it, or choose another --run-id.", 409))
            return
        answers.append(server.get(f"experiments/{made['experiment_id']}/"))
    except Refused as error:
        answers.append(error)
    except (KeyError, TypeError):
        answers.append(
            Refused(f"{settings.uri()} answers as no Trackerweb does: TRACKER_URI names another server.", 200)
        )
    except Unavailable:
        return
    finally:
        server.close()


def _variables(run: Run, home: Mapping[str, Any]) -> dict[str, str]:
    """What the command's environment says of its run, to MLflow's client and to this one."""
    told = {
        "MLFLOW_RUN_ID": run.run_id, "MLFLOW_TRACKING_URI": run.uri, "TRACKER_RUN_ID": run.run_id,
        "TRACKER_URI": run.uri, "TRACKER_PROJECT": run.run_id,
    }  # fmt: skip
    more = {
        "MLFLOW_EXPERIMENT_ID": home.get("experiment_id", ""),
        "TRACKER_EXPERIMENT": home.get("experiment", ""),
        "MLFLOW_TRACKING_TOKEN": settings.token(),
        "TRACKER_TOKEN": settings.token(),
    }
    return told | {name: str(value) for name, value in more.items() if value != ""}
