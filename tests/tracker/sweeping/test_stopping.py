"""When a sweep has tried enough."""

import dataclasses

import pytest

from tracker.sweeping.space import parsed
from tracker.sweeping.spec import Spec
from tracker.sweeping.stopping import best_of, reason_to_stop
from tracker.sweeping.trials import Trial

SPEC = Spec(parameters={"x": parsed("1:9", "x")}, metric="loss")


def ended(*values: float | str | None) -> list[Trial]:
    """Trials that ended with a value, with none, or in another state."""
    made = []
    for number, value in enumerate(values):
        state, number_of_it = (value, None) if isinstance(value, str) else ("finished", value)
        made.append(Trial(number, {}, f"r{number}", state, number_of_it))
    return made


@pytest.mark.parametrize(
    ("goal", "values", "best"),
    [
        ("minimize", [0.3, 0.1, 0.2], 1),
        ("maximize", [0.3, 0.1, 0.3], 0),
        ("minimize", [None, 0.5, "failed"], 1),
        ("minimize", [None, "pruned"], None),
    ],
)
def test_the_best_has_the_best_value_and_is_the_first_of_equals(goal, values, best):
    found = best_of(dataclasses.replace(SPEC, goal=goal), ended(*values))
    assert (found.number if found else None) == best


@pytest.mark.parametrize(
    ("rule", "values", "reason"),
    [
        ({}, [0.1, "failed", "failed"], ""),
        ({"stop_at": 0.1}, [0.2], ""),
        ({"stop_at": 0.1}, [0.2, 0.1], "loss 0.1 reached 0.1"),
        ({"stop_at": 0.9, "goal": "maximize"}, [0.95], "loss 0.95 reached 0.9"),
        ({"patience": 2}, [0.2, 0.3], ""),
        ({"patience": 2}, [0.2, 0.3, 0.3], "2 trials brought nothing better"),
        ({"patience": 2}, [0.2, 0.3, 0.1, 0.3], ""),
        ({"patience": 2}, [0.2, "pruned", "failed"], "2 trials brought nothing better"),
        ({"patience": 2}, ["failed", "failed", "failed"], ""),
        ({"max_failures": 2}, ["failed", 0.1], ""),
        ({"max_failures": 2}, ["failed", 0.1, "failed"], "2 trials failed"),
        ({"max_failures": 1}, ["failed"], "1 trial failed"),
    ],
)
def test_a_sweep_stops_for_a_reason(rule, values, reason):
    assert reason_to_stop(dataclasses.replace(SPEC, **rule), ended(*values)) == reason
