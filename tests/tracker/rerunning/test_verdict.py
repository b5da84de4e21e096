"""Whether a rerun came out as the run before."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rerunning.verdict import Difference, is_close, verdict


def test_equal_params_and_metrics_are_reproduced():
    told = verdict(({"lr": "1"}, {"loss": 2.0}), ({"lr": "1"}, {"loss": 2.0}))
    assert told.is_reproduced
    assert (told.equal_params, told.equal_metrics) == (1, 1)


def test_what_machines_measure_of_themselves_is_left_out():
    assert verdict(({"a": "1"}, {"system/cpu": 2.0}), ({"a": "1"}, {"system/cpu": 3.0})).is_reproduced


def test_params_are_equal_by_the_number_that_they_are():
    assert verdict(({"lr": "0.1"}, {}), ({"lr": "1e-1"}, {})).is_reproduced


def test_what_one_side_lacks_differs():
    told = verdict(({}, {"a": 1.0}), ({"b": "x"}, {}))
    assert told.metrics == (Difference("a", 1.0, None),)
    assert told.params == (Difference("b", None, "x"),)


def test_nothing_at_all_is_no_reproduction():
    assert not verdict(({}, {}), ({}, {})).is_reproduced


def test_a_difference_is_said_with_how_far():
    assert Difference("loss", 2.0, 1.0).words == "loss 2.0 → 1.0 (-0.5 of it)"
    assert Difference("loss", 0.0, 1.0).words == "loss 0.0 → 1.0"
    assert Difference("lr", "a", None).words == "lr a → none"


@given(st.floats(), st.floats(), st.floats(0, 1))
def test_closeness_goes_both_ways(one, other, tolerance):
    assert is_close(one, other, tolerance) == is_close(other, one, tolerance)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 0.0, 1e308])
def test_every_value_is_close_to_itself(value):
    assert is_close(value, value, 0.0)
