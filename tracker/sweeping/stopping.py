"""When a sweep has tried enough."""

from __future__ import annotations

from collections.abc import Sequence

from tracker.notices import counted
from tracker.sweeping.spec import Spec
from tracker.sweeping.trials import Trial


def best_of(spec: Spec, trials: Sequence[Trial]) -> Trial | None:
    """The finished trial with the best value of the metric; of equal ones the first. None while there is none."""
    best = None
    for trial in trials:
        if trial.state == "finished" and trial.value is not None and _beats(spec, trial.value, best):
            best = trial
    return best


def reason_to_stop(spec: Spec, ended: Sequence[Trial]) -> str:
    """Why no more trials are needed, in words; empty while they are. `ended` are in the order of their ends."""
    failures = sum(trial.state == "failed" for trial in ended)
    if spec.max_failures is not None and failures >= spec.max_failures:
        return f"{counted(failures, 'trial')} failed"
    best = best_of(spec, ended)
    if best is None or best.value is None:
        return ""
    if spec.stop_at is not None and not spec.is_better(spec.stop_at, best.value):
        return f"{spec.metric} {best.value:.6g} reached {spec.stop_at:g}"
    since = len(ended) - 1 - next(place for place, trial in enumerate(ended) if trial is best)
    if spec.patience is not None and since >= spec.patience:
        return f"{counted(since, 'trial')} brought nothing better"
    return ""


def _beats(spec: Spec, value: float, best: Trial | None) -> bool:
    return best is None or best.value is None or spec.is_better(value, best.value)
