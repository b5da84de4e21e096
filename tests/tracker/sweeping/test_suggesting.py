"""Which values trials get: all of a grid, draws that can be repeated, and what Optuna learns."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracker.sweeping.test_space import domains
from tracker.sweeping.space import Values, parsed
from tracker.sweeping.spec import Spec
from tracker.sweeping.suggesting import grid_point, random_point, suggester
from tracker.sweeping.trials import Trial

SPACE = {"lr": parsed("1e-4:1:log", "lr"), "depth": parsed("1:8", "depth"), "kind": parsed("a,b", "kind")}
TPE = Spec(parameters=SPACE, method="tpe", trials=40, metric="loss", seed=3)


def test_the_last_parameter_of_a_grid_changes_first():
    space = {"a": parsed("1,2", "a"), "b": parsed("x,y,z", "b")}
    pairs = [tuple(grid_point(space, number).values()) for number in range(6)]
    assert pairs == list(itertools.product("12", "xyz"))


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_a_grid_has_each_point_once(sizes):
    space = {str(place): Values(tuple(map(str, range(size)))) for place, size in enumerate(sizes)}
    total = Spec(parameters=space).total
    points = {tuple(grid_point(space, number).items()) for number in range(total)}
    assert len(points) == total


@given(st.dictionaries(st.text(), domains, max_size=4), st.integers(0, 2**32 - 1), st.integers(0, 1000))
def test_a_draw_follows_from_seed_and_number(space, seed, number):
    assert random_point(space, seed, number) == random_point(space, seed, number)


def test_draws_differ_by_number_and_by_seed():
    draws = {tuple(random_point(SPACE, seed, number).values()) for seed in (0, 1) for number in range(50)}
    assert len(draws) == 100


def test_draws_of_whole_numbers_reach_both_ends_alike():
    drawn = [random_point({"n": parsed("1:4", "n")}, 0, number)["n"] for number in range(4000)]
    assert all(900 < drawn.count(text) < 1100 for text in "1234")


def loss_of(values: dict[str, str]) -> float:
    return abs(float(values["lr"]) - 0.01) * 10 + abs(int(values["depth"]) - 5) + (values["kind"] == "b")


def went(chooser, numbers, known=()) -> list[Trial]:
    """Trials that ended one after the other."""
    done = []
    for trial in known:
        chooser.ended(trial)
    for number in numbers:
        values = chooser.begin(number)
        done.append(Trial(number, values, f"r{number}", "finished", loss_of(values)))
        chooser.ended(done[-1])
    return done


def test_tpe_gets_nearer_to_the_best():
    done = went(suggester(TPE), range(40))
    early, late = ([trial.value for trial in done[part]] for part in (slice(0, 10), slice(30, 40)))
    assert sum(late) / 10 < sum(early) / 10
    assert all(1 <= int(trial.values["depth"]) <= 8 for trial in done)


def test_tpe_that_is_resumed_goes_on_as_if_it_had_not_stopped():
    done = went(suggester(TPE), range(16))
    again = went(suggester(TPE), range(12, 16), known=done[:12])
    assert [trial.values for trial in again] == [trial.values for trial in done[12:]]


def test_a_trial_that_is_run_again_keeps_its_values():
    known = {"lr": "0.05", "depth": "2", "kind": "b"}
    assert suggester(TPE).begin(0, known) == known


def test_a_failed_trial_teaches_nothing():
    chooser = suggester(TPE)
    values = chooser.begin(0)
    chooser.ended(Trial(0, values, "r0", "failed"))
    assert chooser.begin(1)


def test_steps_of_a_range_stay_exact():
    spec = Spec(parameters={"x": parsed("0:0.7:0.1", "x")}, method="tpe", trials=9, metric="loss", seed=0)
    chooser = suggester(spec)
    assert {chooser.begin(number)["x"] for number in range(30)} <= set(spec.parameters["x"].points())


PRUNED = Spec(parameters={"x": parsed("1:9", "x")}, metric="loss", pruner="median", startup_trials=2, warmup_steps=1)


def taught(chooser) -> None:
    """Two trials that came down to 0.1."""
    for number in (0, 1):
        chooser.begin(number)
        assert chooser.hopeless_at(number, [(0, 1.0), (1, 0.5), (2, 0.1)]) is None
        chooser.ended(Trial(number, {}, "r", "finished", 0.1))


@pytest.mark.parametrize(
    ("points", "step"),
    [([(0, 9.0)], None), ([(0, 9.0), (1, 9.0)], 1), ([(0, 1.0), (1, 0.4), (2, 0.3)], 2), ([(2, 0.05)], None)],
)
def test_the_pruner_gives_up_what_is_worse_than_the_median(points, step):
    chooser = suggester(PRUNED)
    taught(chooser)
    assert chooser.begin(2) == {"x": "3"}
    assert chooser.hopeless_at(2, points) == step


def test_the_pruner_knows_trials_of_an_earlier_session():
    chooser = suggester(PRUNED)
    for number in (0, 1):
        points = [(0, 1.0), (1, 0.5), (2, 0.1)]
        chooser.ended(Trial(number, {"x": str(number + 1)}, "r", "finished", 0.1, points=points))
    chooser.begin(2)
    assert chooser.hopeless_at(2, [(1, 9.0)]) == 1
