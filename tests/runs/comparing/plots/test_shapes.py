"""Fronts, boxes and grids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.models import Direction
from runs.comparing.plots.frame import Column
from runs.comparing.plots.shapes import boxes, grid, pareto_front

ends = st.sampled_from([Direction.MIN, Direction.MAX])
points = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=30)


def column(name, values, direction=None, kind="number"):
    return Column(name, kind, tuple(values), direction)


@given(points, ends, ends)
def test_no_row_beats_one_of_the_front_and_every_other_row_is_beaten(pairs, first, second):
    x = column("x", [float(a) for a, _ in pairs], first)
    y = column("y", [float(b) for _, b in pairs], second)
    signs = [-1 if end is Direction.MAX else 1 for end in (first, second)]
    goods = [(signs[0] * a, signs[1] * b) for a, b in pairs]
    front = pareto_front(x, y)

    def beats(one, other):
        return one[0] <= other[0] and one[1] <= other[1] and one != other

    for row, good in enumerate(goods):
        assert (row in front) <= (not any(beats(other, good) for other in goods))
    for row, good in enumerate(goods):
        assert row in front or any(beats(goods[one], good) or goods[one] == good for one in front)
    assert [x.values[row] for row in front] == sorted(x.values[row] for row in front)


def test_a_box_a_value_with_five_numbers():
    found = boxes(column("opt", ["b", "a", "b", None], kind="category"), column("loss", [1.0, 5.0, 3.0, 9.0]))
    assert [(box.label, box.five, box.rows) for box in found] == [
        ("a", (5, 5, 5, 5, 5), (1,)),
        ("b", (1, 1.5, 2, 2.5, 3), (0, 2)),
    ]


def test_more_values_than_fit_make_no_boxes():
    numbers = [float(number) for number in range(40)]
    assert boxes(column("lr", numbers), column("loss", numbers)) == []


def test_on_a_run_the_grid_has_about_its_value_and_never_leaves_the_range():
    x = column("x", [0.0, 1.0, 0.0, 1.0, 0.5])
    y = column("y", [0.0, 0.0, 1.0, 1.0, 0.5])
    made = grid(x, y, column("loss", [1.0, 2.0, 3.0, 4.0, 9.0]))
    assert made.values[0][0] == pytest.approx(1, abs=0.3)
    assert made.values[-1][-1] == pytest.approx(4, abs=0.3)
    flat = [value for row in made.values for value in row]
    assert (min(flat) >= 1, max(flat) <= 9) == (True, True)


def test_a_grid_of_magnitudes_has_steps_that_multiply():
    x = column("lr", [1e-4, 1e-3, 1e-2, 1e-1, 1.0], kind="log")
    made = grid(x, column("y", [1.0, 2.0, 3.0, 4.0, 5.0]), column("loss", [1.0, 2.0, 3.0, 4.0, 5.0]))
    assert made.xs[1] / made.xs[0] == pytest.approx(made.xs[-1] / made.xs[-2])


def test_fewer_than_five_runs_make_no_grid():
    few = column("x", [1.0, 2.0, 3.0, None, None])
    assert grid(few, few, few) is None
