"""The exact mean of a series."""

import math

import pytest

from runs.summary import Summary, exact_sum, pack, unpack


def rows(*values):
    return [(step, 0, value, False) for step, value in enumerate(values)]


@pytest.mark.parametrize(
    "values",
    [[], [0.1] * 10, [1e16, 1.0, -1e16], [1e300, 1.0, -1e300], [5e-324, 1.0], [0.0, -0.0], [1e308, -1e308, 3.0]],
)
def test_partials_add_up_to_the_exact_sum(values):
    partials = exact_sum(values)
    assert math.fsum([*partials, *(-value for value in values)]) == 0


@pytest.mark.parametrize(
    ("values", "total"), [([math.inf, 1.0], math.inf), ([1.0, -math.inf], -math.inf), ([math.inf, -math.inf], math.nan)]
)
def test_infinities_stay_what_they_come_to(values, total):
    (partial,) = exact_sum(values)
    assert repr(partial) == repr(total)
    assert repr(exact_sum([partial, 5.0])) == repr((total,))


def test_a_mean_is_right_where_adding_one_by_one_is_not():
    summary = Summary()
    for value in (1e16, 1.0, -1e16):
        summary.add(rows(value))
    assert summary.mean == 1 / 3


def test_the_step_of_an_extreme_is_the_first_that_reached_it():
    summary = Summary()
    summary.add([(5, 0, 1.0, False), (6, 0, 1.0, False)])
    summary.add([(2, 0, 1.0, False), (3, 0, 0.5, False)])
    assert (summary.high, summary.low) == ((1.0, 2), (0.5, 3))


def test_partials_come_back_from_storage():
    assert unpack(pack((1.5, 2**-60))) == (1.5, 2**-60)
