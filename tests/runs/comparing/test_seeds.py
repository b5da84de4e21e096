"""Repetitions of one configuration as one contender, and what can be said of them."""

import pytest

from runs.comparing.comparison import Comparison
from runs.comparing.state import State
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db


def sweep(experiment, losses_by_lr):
    """Runs of an experiment: for each learning rate one run a loss, with seeds 0, 1, 2 …"""
    return [
        make_run(experiment, params={"lr": lr, "seed": str(seed)}, metrics={"loss": loss})
        for lr, losses in losses_by_lr.items()
        for seed, loss in enumerate(losses)
    ]


def grouped(runs, **options):
    return Comparison(State(run_ids=tuple(run.run_id for run in runs), seeds=True, **options))


def test_runs_that_differ_in_their_seeds_alone_are_one_contender():
    comparison = grouped(sweep(make_experiment(), {"0.1": [1, 2], "0.2": [3, 4, 5]}))
    assert [(item.name, len(item.runs)) for item in comparison.contenders] == [("lr 0.1", 2), ("lr 0.2", 3)]


def test_the_group_of_the_base_comes_first():
    runs = sweep(make_experiment(), {"0.1": [1, 2], "0.2": [3, 4]})
    assert [item.name for item in grouped(runs, base=runs[3].run_id).contenders] == ["lr 0.2", "lr 0.1"]


def test_groups_that_no_param_tells_apart_have_the_name_of_their_first_run():
    runs = [make_run(name="first", params={"seed": "1"}), make_run(name="second", params={"seed": "2"})]
    assert [item.name for item in grouped(runs).contenders] == ["first"]


def test_a_metric_of_a_group_is_its_mean_with_its_deviation():
    comparison = grouped(sweep(make_experiment(), {"0.1": [1, 2, 3], "0.2": [4, 4]}))
    (row,) = comparison.metrics.rows
    assert [(cell.value, cell.spread, cell.is_best) for cell in row.cells] == [(2, 1, True), (4, 0, False)]
    assert row.cells[1].delta.text == "+2"


def test_params_that_repetitions_differ_in_say_how_many_values_there_are():
    comparison = grouped(sweep(make_experiment(), {"0.1": [1, 2], "0.2": [3, 4]}))
    row = next(row for row in comparison.params.rows if row.key == "seed")
    assert [(cell.text, cell.state, cell.title) for cell in row.cells] == [
        ("2 values", "base", "0, 1"),
        ("2 values", "same", "0, 1"),
    ]


def test_the_same_seeds_on_both_sides_are_held_against_each_other_in_pairs():
    comparison = grouped(sweep(make_experiment(), {"0.1": [1.0, 2.0, 3.0], "0.2": [0.5, 1.4, 2.6]}))
    (verdict,) = comparison.verdicts
    assert verdict.change == pytest.approx(-0.5)
    # The differences -0.5, -0.6, -0.4 have the standard error 0.1 / √3; Student's t with 2 degrees of freedom is 4.303.
    assert (verdict.low, verdict.high) == pytest.approx((-0.5 - 0.2484, -0.5 + 0.2484), abs=1e-3)
    assert (verdict.words, verdict.how) == ("better", "paired over 3 seeds")


def test_other_seeds_are_held_against_each_other_by_their_means():
    experiment = make_experiment()
    runs = sweep(experiment, {"0.1": [1.0, 2.0, 3.0]}) + [
        make_run(experiment, params={"lr": "0.2", "seed": str(seed)}, metrics={"loss": loss})
        for seed, loss in ((10, 11.0), (11, 12.0), (12, 13.0))
    ]
    (verdict,) = grouped(runs).verdicts
    assert (verdict.change, verdict.words) == (10, "worse")
    # Welch: standard error √(2/3), 4 degrees of freedom, t 2.776.
    assert verdict.high - verdict.change == pytest.approx(2.2665, abs=1e-3)
    assert verdict.how == "3 runs against 3, not paired"


def test_an_interval_that_holds_no_difference_is_no_difference():
    comparison = grouped(sweep(make_experiment(), {"0.1": [1.0, 2.0, 3.0], "0.2": [2.0, 1.0, 3.1]}))
    assert comparison.verdicts[0].words == "no difference beyond chance"


def test_a_single_run_gets_no_verdict():
    assert grouped(sweep(make_experiment(), {"0.1": [1.0, 2.0], "0.2": [2.0]})).verdicts == []


def test_a_metric_without_a_good_end_is_higher_or_lower():
    experiment = make_experiment()
    runs = [
        make_run(experiment, params={"lr": lr, "seed": seed}, metrics={"depth": value})
        for lr, seed, value in (("1", "0", 1), ("1", "1", 2), ("2", "0", 11), ("2", "1", 12.1))
    ]
    assert grouped(runs).verdicts[0].words == "higher"
