"""How far a running run is, as far as what it logged tells."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from runs.models import Run, RunStatus

#: A script may say itself how far it is: `0.62`, `62 %` or `31/50`.
TAG = "progress"
#: Params that say how many steps there will be, as trainers name them.
STEP_PARAMS = ("max_steps", "total_steps", "num_steps", "n_steps", "steps", "max_iters", "iterations", "num_iterations")
#: Params that say how many epochs there will be; they are told by a metric of this name.
EPOCH_PARAMS = ("epochs", "max_epochs", "num_epochs", "n_epochs", "num_train_epochs")
EPOCH_METRIC = "epoch"
_COLUMNS = ("key", "last_step", "count", "last")


@dataclass(frozen=True)
class Progress:
    """`fraction` from 0 to 1, `left_ms` until the end at the speed so far, `words` on how it is known."""

    fraction: float
    left_ms: int | None
    words: str

    @property
    def percent(self) -> int:
        """Whole percents, 100 only at the end."""
        return math.floor(self.fraction * 100)


def progress_of(run: Run) -> Progress | None:
    """How far a running run is; None where nothing tells."""
    if run.status != RunStatus.RUNNING:
        return None
    told = run.tags.filter(key=TAG).values_list("value", flat=True).first()
    fraction = _read(told) if told else None
    if fraction is not None:
        return _progress(run, fraction, f"as its tag {TAG} says")
    return _counted(run)


def _counted(run: Run) -> Progress | None:
    rows = run.params.filter(key__in=[*STEP_PARAMS, *EPOCH_PARAMS]).values_list("key", "number")
    totals = {key: number for key, number in rows if number is not None and 0 < number < math.inf}
    if not totals:
        return None
    series = run.metrics.filter(count__gt=0).exclude(key__startswith="system/")
    ends = {key: (_done(step or 0, count), last) for key, step, count, last in series.values_list(*_COLUMNS)}
    if not ends:
        return None
    done = max(steps for steps, _ in ends.values())
    for key in STEP_PARAMS:
        if key in totals:
            return _of(run, done, totals[key], "step", key)
    return _by_epochs(run, totals, ends.get(EPOCH_METRIC, (0, None))[1], done)


def _done(last_step: int, count: int) -> int:
    """How many steps are done. Scripts that pass none log a point a step."""
    return last_step + 1 if last_step else count


def _by_epochs(run: Run, totals: Mapping[str, float], epoch: float | None, done: int) -> Progress | None:
    """By the metric that counts epochs; without one by steps, where these can be epochs."""
    key = next(key for key in EPOCH_PARAMS if key in totals)
    if epoch is not None:
        return _of(run, epoch, totals[key], "epoch", key)
    return _of(run, done, totals[key], "epoch", key) if done <= totals[key] else None


def _of(run: Run, done: float, total: float, unit: str, key: str) -> Progress:
    return _progress(run, done / total, f"{unit} {done:,.10g} of {total:,.10g}, as the param {key} says")


def _progress(run: Run, fraction: float, words: str) -> Progress:
    fraction = min(1.0, max(0.0, fraction))
    elapsed = run.duration_ms or 0
    left = round(elapsed * (1 - fraction) / fraction) if fraction > 0 and not run.is_stale else None
    return Progress(fraction, left, words)


def _read(text: str) -> float | None:
    """`0.62`, `62 %` and `31/50` as a fraction; None for anything else."""
    number, slash, total = text.replace("%", "").strip().partition("/")
    try:
        value = float(number) / (float(total) if slash else 100 if "%" in text else 1)
    except (ValueError, ZeroDivisionError):
        return None
    return value if 0 <= value <= 1 else None
