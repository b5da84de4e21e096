"""Whether reruns came out as the runs before, and what the compare page says of it."""

import math

import pytest
from django.test import Client

from runs.comparing.comparison import Comparison
from runs.comparing.state import State
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def before():
    return make_run(make_experiment("digits"), name="first", params={"lr": "0.1"}, metrics={"loss": [3.0, 2.0]})


def rerun_of(run, **fields):
    made = {"params": {"lr": "0.1"}, "metrics": {"loss": [3.0, 2.0]}} | fields
    return make_run(run.experiment, name="again", tags={"tracker.rerunOf": run.run_id}, **made)


def found(*runs, **state):
    return Comparison(State(run_ids=tuple(run.run_id for run in runs), **state)).reproductions


def page_of(*runs, **options):
    asked = [f"run={run.run_id}" for run in runs] + [f"{name}={value}" for name, value in options.items()]
    return Client().get(f"/compare/?{'&'.join(asked)}")


def test_equal_params_and_metrics_are_reproduced(before):
    (one,) = found(before, rerun_of(before))
    assert one.is_reproduced
    assert (one.equal_params, one.equal_metrics) == (1, 1)


def test_the_order_of_the_runs_does_not_matter(before):
    after = rerun_of(before)
    (one,) = found(after, before)
    assert (one.before, one.after) == (before, after)


def test_params_are_equal_by_what_they_mean(before):
    assert found(before, rerun_of(before, params={"lr": "1e-1"}))[0].is_reproduced


@pytest.mark.parametrize(("value", "is_reproduced"), [(2 + 1e-10, True), (2 + 1e-8, False)])
def test_metrics_may_differ_by_the_tolerance(before, value, is_reproduced):
    assert found(before, rerun_of(before, metrics={"loss": [value]}))[0].is_reproduced is is_reproduced


def test_a_larger_tolerance_is_asked_for_in_the_address(before):
    after = rerun_of(before, metrics={"loss": [2.1]})
    page = page_of(before, after).content.decode()
    assert "not reproduced" in page
    assert 'value="1e-09"' in page
    page = page_of(before, after, tolerance="0.1").content.decode()
    assert "not reproduced" not in page
    assert "reproduced</span>" in page


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "much"])
def test_what_is_no_tolerance_is_refused(before, text):
    response = page_of(before, rerun_of(before), tolerance=text)
    assert response.status_code == 400
    assert "no part such as 1e-6" in response.content.decode()


def test_what_differs_is_named_with_how_far(before):
    (one,) = found(before, rerun_of(before, params={"lr": "0.2"}, metrics={"loss": [1.0], "accuracy": [0.5]}))
    assert [(item.key, item.before, item.after) for item in one.params] == [("lr", "0.1", "0.2")]
    told = [(item.key, item.before, item.after, item.change) for item in one.metrics]
    assert told == [("accuracy", "", "0.5", ""), ("loss", "2.0", "1.0", "-0.5")]


def test_what_machines_measure_of_themselves_is_left_out(before):
    assert found(before, rerun_of(before, metrics={"loss": [2.0], "system/cpu_percent": [3]}))[0].is_reproduced


def test_nan_is_nan():
    first = make_run(metrics={"loss": [math.nan]})
    assert found(first, rerun_of(first, params={}, metrics={"loss": [math.nan]}))[0].is_reproduced


def test_two_empty_runs_have_nothing_to_reproduce():
    first = make_run()
    (one,) = found(first, rerun_of(first, params={}, metrics={}))
    assert one.is_empty
    assert not one.is_reproduced


def test_runs_that_are_no_reruns_of_each_other_say_nothing(before):
    other = rerun_of(make_run())
    assert found(before, other) == []
    assert "Reproduced?" not in page_of(before, other).content.decode()


def test_what_runs_hold_is_escaped(before):
    evil = "<script>alert(1)</script>"
    after = rerun_of(before, params={evil: evil})
    assert "<script>alert" not in page_of(before, after).content.decode()
