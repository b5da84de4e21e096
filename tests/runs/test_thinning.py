"""What is kept of a stretch of points."""

import math

from hypothesis import given
from hypothesis import strategies as st

from runs.thinning import STEP, TIME, keep, thin


def rows(*values):
    return [(step, step, 0.0 if math.isnan(value) else value, math.isnan(value)) for step, value in enumerate(values)]


def test_ends_and_extremes_are_kept():
    assert [row[0] for row in keep(rows(2, 9, 3, 1, 4, 2))] == [0, 1, 3, 5]


def test_the_first_of_each_odd_value_is_kept_beside_the_finite_extremes():
    kept = keep(rows(1, math.inf, 7, math.nan, math.nan, -math.inf, 0, math.inf, 1))
    assert [row[0] for row in kept] == [0, 1, 2, 3, 5, 6, 8]


def test_few_points_are_not_thinned():
    some = rows(1, 2, 3)
    assert thin(some, 3, STEP) == some


def test_points_at_one_time_are_thinned_to_one_stretch():
    assert len(thin([(step, 7, float(step), False) for step in range(100)], 8, TIME)) == 2


@given(st.lists(st.floats(allow_nan=True), min_size=1, max_size=300), st.integers(4, 60), st.data())
def test_a_spike_anywhere_survives(values, limit, data):
    place = data.draw(st.integers(0, len(values) - 1))
    values[place] = 1.7e308
    finite = [value for value in values if math.isfinite(value)]
    drawn = thin(rows(*values), limit, STEP)
    assert max(row[2] for row in drawn if math.isfinite(row[2])) == max(finite)
