"""Sweeps: one entry point of a project, run with many values of its parameters. docs/sweeps.md tells it all.

found = tracker.sweeping.sweep("digits", {"lr": {"low": 1e-4, "high": 0.1, "log": True}}, method="random", trials=20)
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracker.sweeping.session import Sweep


def sweep(uri: str = ".", parameters: Mapping[str, Any] | None = None, **fields: Any) -> "Sweep":
    """Run a sweep to its end, and say how it went. The fields are the keys of a file; `parameters` are as there: a list
    of values, a mapping with low and high, or one value.

    Errors: InvalidValue, InvalidProject, MissingLibrary; TrackerError when not even the first trial can be started.
    """
    from tracker.sweeping import session
    from tracker.sweeping.spec import spec_of

    spec = spec_of({"uri": str(uri), "parameters": dict(parameters or {})} | fields, "sweep")
    return session.begin(spec, session.Silent())


def resume(run_id: str, **fields: Any) -> "Sweep":
    """Go on with a sweep by its parent run; `fields` may change what `tracker.sweeping.spec.CHANGEABLE` names.

    Errors: InvalidValue, and as `sweep`.
    """
    from tracker.sweeping import session

    return session.resume(run_id, fields, session.Silent())
