"""What MLflow's format can't hold of a run, in a file that MLflow passes over (read by importing/mlruns/extras.py)."""

from typing import Any

import msgspec

from runs.models import Run

FILE = "trackerweb.json"


def of_run(run: Run, keys: dict[str, dict[str, str]]) -> str | None:
    """The text of the file for a run; None when there is nothing to say.

    `keys` gives, by part of the run, the key that a file stands for where its name is another one.
    """
    content: dict[str, Any] = {}
    if run.environment is not None:
        content["environment"] = run.environment.whole_content
    if run.failure:
        content["failure"] = run.failure
    if run.has_heartbeat:
        content["has_heartbeat"] = True
    console = list(run.console.order_by("stream", "offset").values("stream", "offset", "text"))
    if console:
        content["console"] = console
    return _told(keys, content)


def of_model(keys: dict[str, dict[str, str]]) -> str | None:
    """The text of the file for a model; None when there is nothing to say. Its `datasets` are words for names."""
    return _told(keys, {})


def _told(keys: dict[str, dict[str, str]], content: dict[str, Any]) -> str | None:
    keys = {part: names for part, names in keys.items() if names}
    return msgspec.json.encode({"keys": keys, "content": content}).decode() if keys or content else None
