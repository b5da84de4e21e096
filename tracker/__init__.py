"""The logging client of Trackerweb: `import tracker`, start a run, log to it. docs/client.md tells it all.

with tracker.start_run(experiment="digits", params={"lr": 0.1}) as run:
    for step in range(1000):
        run.log({"loss": loss}, step=step)
    run.log_artifact("model.onnx")
"""

import importlib
from typing import Any

from tracker import data
from tracker.errors import InvalidValue, JournalFull, ParamAlreadySet, RunEnded, TrackerError
from tracker.fluent import (
    active_run,
    delete_tag,
    end_run,
    flush,
    get_artifact_uri,
    get_tracking_uri,
    join_run,
    last_active_run,
    log,
    log_artifact,
    log_artifacts,
    log_dict,
    log_figure,
    log_image,
    log_input,
    log_metric,
    log_metrics,
    log_model,
    log_param,
    log_params,
    log_table,
    log_text,
    set_experiment,
    set_tag,
    set_tags,
    set_tracking_uri,
    start_run,
)
from tracker.run import Run

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """`tracker.models` and `tracker.projects` are imported when they are first used: few runs need them."""
    if name in {"models", "projects"}:
        return importlib.import_module(f"tracker.{name}")
    raise AttributeError(f"module 'tracker' has no attribute {name!r}")


__all__ = [
    "InvalidValue",
    "JournalFull",
    "ParamAlreadySet",
    "Run",
    "RunEnded",
    "TrackerError",
    "active_run",
    "data",
    "delete_tag",
    "end_run",
    "flush",
    "get_artifact_uri",
    "get_tracking_uri",
    "join_run",
    "last_active_run",
    "log",
    "log_artifact",
    "log_artifacts",
    "log_dict",
    "log_figure",
    "log_image",
    "log_input",
    "log_metric",
    "log_metrics",
    "log_model",
    "log_param",
    "log_params",
    "log_table",
    "log_text",
    "set_experiment",
    "set_tag",
    "set_tags",
    "set_tracking_uri",
    "start_run",
]
