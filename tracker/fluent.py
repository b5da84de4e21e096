"""The functions of `import tracker`, with the names that MLflow's users know. They speak of the active run."""

import os
import shlex
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tracker import couriers, settings, starting
from tracker.data import Dataset
from tracker.errors import TrackerError
from tracker.notices import warn
from tracker.run import Run

if TYPE_CHECKING:
    from tracker.models.logged import ModelInfo

_lock = threading.RLock()
#: Runs of the main thread, and of threads that started some of their own. The last one is active.
_stacks: dict[int, list[Run]] = {}
_main = threading.main_thread().ident or 0
_last: Run | None = None
_experiment: dict[str, Any] = {}


def set_tracking_uri(uri: str) -> None:
    """Log to this server from now on: an address such as `http://127.0.0.1:8000`. Open runs stay where they are.

    Errors: InvalidValue.
    """
    settings.choose("TRACKER_URI", settings.checked_uri(str(uri)))


def get_tracking_uri() -> str:
    """The address of the server."""
    return settings.uri()


def set_experiment(experiment_name: str | None = None, experiment_id: str | int | None = None) -> None:
    """New runs go to this experiment, which is made when there is none."""
    global _experiment
    _experiment = _home(experiment_name, experiment_id)


def start_run(
    run_id: str | None = None,
    experiment_id: str | int | None = None,
    run_name: str | None = None,
    nested: bool = False,
    parent_run_id: str | None = None,
    tags: Mapping[str, Any] | None = None,
    description: str | None = None,
    *,
    experiment: str | None = None,
    params: Mapping[str, Any] | None = None,
    capture: Iterable[str] | None = None,
) -> Run:
    """Start a run and make it the active one; `with` ends it.

    `run_id` (or TRACKER_RUN_ID) names one to go on with; in a project (docs/projects.md) that is the project's run,
    which what started the project captures and ends. Else it is new, in `experiment`, or the one that
    `set_experiment` chose, or TRACKER_EXPERIMENT, or Default. `nested` makes it a child of the active one, or of the
    project's. `capture` says what it tells by itself (tracker.capture.KINDS; all unless said otherwise).

    Errors: TrackerError when a run is active and `nested` is not said; InvalidValue.
    """
    above = active_run() if nested else None
    if not nested and _own_stack():
        raise TrackerError(
            f"Run {_own_stack()[-1].run_id} is active. End it with end_run(), or start this one with nested=True."
        )
    told: dict[str, Any] = {}
    if run_name:
        told["name"] = run_name
    if description:
        told["note"] = description
    is_child = nested and above is None and bool(settings.project_run())
    parent = parent_run_id or (above.run_id if above else settings.project_run() if is_child else None)
    if parent:
        told["parent_run_id"] = parent
    resumed = run_id or ("" if is_child else _run_id_of_environment())
    if resumed and resumed == settings.project_run():
        run = _join_project(resumed, told)
        _tell_of_another_home(_home(experiment, experiment_id) or _experiment)
    elif resumed:
        run = starting.resume(resumed, _home(experiment, experiment_id) | told, capture)
    else:
        run = starting.start(home(experiment, experiment_id) | told, capture)
    _enter(run)
    if tags:
        run.set_tags(tags)
    if params:
        run.log_params(params)
    return run


def join_run(run_id: str) -> Run:
    """Log to a run that another process owns, and alone ends: the workers of one training, say."""
    run = starting.join(run_id)
    _enter(run)
    return run


def active_run() -> Run | None:
    """The run that the functions here speak of: of this thread, else of the main thread."""
    with _lock:
        stack = _own_stack() or _pruned(_main)
        return stack[-1] if stack else None


def last_active_run() -> Run | None:
    """The active run, else the one that was active last."""
    return active_run() or _last


def end_run(status: str = "FINISHED") -> None:
    """End the active run of this thread, if there is one."""
    stack = _own_stack()
    if stack:
        stack[-1].end(status)


def flush(seconds: float = 60.0) -> bool:
    """Wait until all that was logged has arrived, as long as the server answers. Returns whether it has."""
    return couriers.flush(seconds)


def log(metrics: Mapping[str, Any], step: int | None = None, timestamp: int | None = None) -> None:
    """Log values of metrics at one step; see Run.log."""
    _run().log(metrics, step, timestamp)


def log_metric(
    key: str, value: Any, step: int | None = None, synchronous: bool | None = None, timestamp: int | None = None
) -> None:
    """Log one value of one metric; see Run.log. It returns once the value is on disk, whatever `synchronous` says."""
    _run().log({key: value}, step, timestamp)


def log_metrics(
    metrics: Mapping[str, Any],
    step: int | None = None,
    synchronous: bool | None = None,
    timestamp: int | None = None,
) -> None:
    """Log values of metrics at one step; see Run.log."""
    _run().log(metrics, step, timestamp)


def log_param(key: str, value: Any, synchronous: bool | None = None) -> Any:
    """Log a param; see Run.log_params. Returns the value."""
    return _run().log_param(key, value)


def log_params(params: Mapping[str, Any], synchronous: bool | None = None) -> None:
    """Log params; see Run.log_params."""
    _run().log_params(params)


def set_tag(key: str, value: Any, synchronous: bool | None = None) -> None:
    """Set a tag; see Run.set_tags."""
    _run().set_tag(key, value)


def set_tags(tags: Mapping[str, Any], synchronous: bool | None = None) -> None:
    """Set tags; see Run.set_tags."""
    _run().set_tags(tags)


def delete_tag(key: str) -> None:
    """Remove a tag; see Run.delete_tag."""
    _run().delete_tag(key)


def log_input(dataset: Dataset, context: str | None = None, tags: Mapping[str, str] | None = None) -> None:
    """Note that the run used data; see Run.log_input."""
    _run().log_input(dataset, context, tags)


def log_artifact(local_path: str | os.PathLike[str], artifact_path: str | None = None) -> None:
    """Log a file; see Run.log_artifact."""
    _run().log_artifact(local_path, artifact_path)


def log_artifacts(local_dir: str | os.PathLike[str], artifact_path: str | None = None) -> None:
    """Log all files in a folder; see Run.log_artifacts."""
    _run().log_artifacts(local_dir, artifact_path)


def log_text(text: str, artifact_file: str) -> None:
    """Log a text as a file; see Run.log_text."""
    _run().log_text(text, artifact_file)


def log_dict(dictionary: Any, artifact_file: str) -> None:
    """Log a dictionary as a file; see Run.log_dict."""
    _run().log_dict(dictionary, artifact_file)


def log_figure(figure: Any, artifact_file: str, *, save_kwargs: Mapping[str, Any] | None = None) -> None:
    """Log a figure as a file; see Run.log_figure."""
    _run().log_figure(figure, artifact_file, save_kwargs=save_kwargs)


def log_image(image: Any, artifact_file: str | None = None, *, key: str | None = None, step: int | None = None) -> None:
    """Log a picture; see Run.log_image."""
    _run().log_image(image, artifact_file, key=key, step=step)


def log_table(data: Any, artifact_file: str) -> None:
    """Log a table; see Run.log_table."""
    _run().log_table(data, artifact_file)


def log_model(model: Any, name: str, **options: Any) -> "ModelInfo":
    """Save a model and log it; see Run.log_model and tracker.models.log_model."""
    return _run().log_model(model, name, **options)


def get_artifact_uri(artifact_path: str | None = None) -> str:
    """Where the active run's files, or one of them, are to be had."""
    run = _run()
    return f"{run.uri}/api/v1/runs/{run.run_id}/artifacts/{artifact_path or ''}"


def _run() -> Run:
    """The active run; one is started where there is none, as MLflow does."""
    return active_run() or start_run()


def _enter(run: Run) -> None:
    global _last
    with _lock:
        _stacks.setdefault(threading.get_ident(), []).append(run)
        _last = run


def _own_stack() -> list[Run]:
    return _pruned(threading.get_ident())


def _pruned(thread: int) -> list[Run]:
    """The open runs of a thread. Generators end theirs in any order: one below may be the one that ended."""
    with _lock:
        stack = [run for run in _stacks.get(thread, ()) if not run.has_ended]
        if stack:
            _stacks[thread] = stack
        else:
            _stacks.pop(thread, None)
        return stack


def _join_project(run_id: str, told: Mapping[str, Any]) -> Run:
    """The run of the project that this process is part of: what started the project captures and ends it."""
    run = starting.join(run_id, every_rank=False)
    for field, tag in (("name", "mlflow.runName"), ("note", "mlflow.note.content")):
        if field in told:
            run.set_tag(tag, told[field])
    return run


def _tell_of_another_home(asked: Mapping[str, Any]) -> None:
    """Whoever started the project chose the experiment of its run: say so where the code names another one."""
    chosen = {"experiment": settings.experiment(), "experiment_id": os.environ.get("MLFLOW_EXPERIMENT_ID", "")}
    for field, value in asked.items():
        if chosen[field] not in ("", str(value)):
            option = f"--{field.replace('_', '-')} {shlex.quote(str(value))}"
            warn(f"{field}={value!r} is not followed: this run was put into {chosen[field]!r}. Run it with {option}")


def home(name: str | None, experiment_id: str | int | None) -> dict[str, Any]:
    """The experiment of a new run, as `PUT runs/{run_id}/` takes it: the one that is said, or chosen, or set."""
    return _home(name, experiment_id) or _experiment or _home_of_environment()


def _home_of_environment() -> dict[str, Any]:
    number = os.environ.get("MLFLOW_EXPERIMENT_ID", "")
    if settings.project_run() and number.isdecimal() and not settings.text("TRACKER_EXPERIMENT"):
        return {"experiment_id": int(number)}
    return {"experiment": settings.experiment()}


def _home(name: str | None, experiment_id: str | int | None) -> dict[str, Any]:
    if experiment_id is not None:
        return {"experiment_id": int(experiment_id)}
    return {"experiment": name} if name else {}


def _run_id_of_environment() -> str:
    """TRACKER_RUN_ID, for the first run of the process alone: it names one."""
    return os.environ.pop("TRACKER_RUN_ID", "")


def _after_fork() -> None:
    global _lock, _main
    _lock = threading.RLock()
    stack = _stacks.pop(threading.get_ident(), _stacks.get(_main, []))
    _main = threading.get_ident()
    _stacks.clear()
    _stacks[_main] = stack


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
