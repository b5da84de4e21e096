"""A sweep that learns: Optuna chooses values (TPE), and says which trials to give up (the median pruner)."""

from __future__ import annotations

import hashlib
from typing import Any

from tracker.errors import MissingLibrary
from tracker.sweeping.space import Domain, Values
from tracker.sweeping.spec import Spec
from tracker.sweeping.suggesting import point
from tracker.sweeping.trials import Trial


class Study:
    """Optuna's study of one sweep, in memory: what it knows it is told again by the runs on the server."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._optuna = _optuna()
        self._space = {name: self._distribution(domain) for name, domain in spec.parameters.items()}
        pruner = self._optuna.pruners.MedianPruner(spec.startup_trials, spec.warmup_steps)
        nothing = self._optuna.pruners.NopPruner()
        self._study = self._optuna.create_study(direction=spec.goal, pruner=pruner if spec.pruner else nothing)
        self._begun: dict[int, Any] = {}

    def begin(self, number: int, known: dict[str, str] | None = None) -> dict[str, str]:
        """The values of a trial that begins. They follow from seed, number and what has ended before."""
        # A sampler of its own for each: one that is resumed goes on as if it had never stopped.
        self._study.sampler = self._optuna.samplers.TPESampler(seed=_seed(self._spec.seed or 0, number))
        if self._spec.method != "tpe":
            known = known or point(self._spec, number)
        if known:
            self._study.enqueue_trial(self._params(known))
        trial = self._begun[number] = self._study.ask(self._space)
        return {name: _text(domain, trial.params[name]) for name, domain in self._spec.parameters.items()}

    def hopeless_at(self, number: int, points: list[tuple[int, float]]) -> int | None:
        """The step at which the trial is worse than the median of those before it, by its best value so far."""
        trial = self._begun[number]
        hopeless = None
        for step, value in points:
            trial.report(value, step)
            if hopeless is None and trial.should_prune():
                hopeless = step
        return hopeless

    def ended(self, trial: Trial) -> None:
        """Learn from a trial: its value, or that it came to none."""
        state = self._state(trial)
        value = trial.value if state.name == "COMPLETE" else None
        begun = self._begun.pop(trial.number, None)
        if begun is not None:
            self._study.tell(begun, value, state=state)
        elif trial.values.keys() == self._space.keys():
            self._study.add_trial(
                self._optuna.trial.create_trial(
                    state=state, value=value, params=self._params(trial.values), distributions=self._space,
                    intermediate_values=dict(trial.points),
                )
            )  # fmt: skip

    def _state(self, trial: Trial) -> Any:
        states = self._optuna.trial.TrialState
        if trial.state == "pruned":
            return states.PRUNED
        return states.COMPLETE if trial.state == "finished" and trial.value is not None else states.FAIL

    def _params(self, values: dict[str, str]) -> dict[str, Any]:
        domains = self._spec.parameters
        return {name: _number(domains[name], text) for name, text in values.items() if name in domains}

    def _distribution(self, domain: Domain) -> Any:
        made = self._optuna.distributions
        if isinstance(domain, Values):
            return made.CategoricalDistribution(domain.texts)
        if domain.steps is not None:
            # As the number of steps: theirs are floats, which do not always meet the end of the range.
            return made.IntDistribution(0, domain.steps)
        kind = made.IntDistribution if domain.is_whole else made.FloatDistribution
        bounds = (int if domain.is_whole else float)(domain.low), (int if domain.is_whole else float)(domain.high)
        return kind(*bounds, log=domain.is_log)


def _number(domain: Domain, text: str) -> Any:
    """A value as Optuna keeps it."""
    if isinstance(domain, Values):
        return text
    if domain.steps is not None:
        return round((float(text) - float(domain.low)) / float(domain.step or 1))
    return int(text) if domain.is_whole else float(text)


def _text(domain: Domain, number: Any) -> str:
    """A value as a program gets it."""
    if isinstance(domain, Values):
        return str(number)
    return domain.step_text(number) if domain.steps is not None else domain.text(number)


def _seed(seed: int, number: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}:{number}".encode()).digest()[:4], "big")


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise MissingLibrary(
            "method tpe and the pruner need Optuna, which is not installed: pip install 'trackerweb[sweep]'."
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
