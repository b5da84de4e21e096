"""How numbers, times and names are written."""

import math

import pytest

from trackerweb import formatting

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.98538, "0.9854"),
        (-0.5, "−0.5000"),
        (12, "12"),
        (0, "0"),
        (0.00001234, "1.234e−5"),
        (1234567, "1.235e6"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (None, "–"),
    ],
)
def test_a_number_has_four_significant_digits_and_a_true_minus(value, text):
    assert formatting.significant(value) == text


def test_a_column_takes_the_decimals_that_its_largest_value_needs():
    assert formatting.decimals_for([0.0544, 12.345, 0.9]) == 2


def test_numbers_of_a_column_have_their_points_in_line():
    assert [formatting.significant(value, 2) for value in (12.345, 0.9)] == ["12.35", "0.90"]


@pytest.mark.parametrize("values", [[], [None], [math.nan, math.inf], [3.0, 20.0], [0.0]])
def test_a_column_without_fractions_has_no_decimals(values):
    assert formatting.decimals_for(values) == 0


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (None, "–"),
        (0, "0.0 s"),
        (400, "0.4 s"),
        (42 * SECOND, "42 s"),
        (38 * MINUTE, "38 min"),
        (72 * MINUTE, "1 h 12 min"),
        (2 * DAY + 3 * HOUR, "2 d 3 h"),
    ],
)
def test_a_duration_is_written_in_units_for_people(milliseconds, text):
    assert formatting.duration(milliseconds) == text


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (0, "just now"),
        (12 * SECOND, "12 s ago"),
        (5 * HOUR, "5 h ago"),
        (30 * HOUR, "yesterday"),
        (6 * DAY, "6 d ago"),
        (21 * DAY, "3 w ago"),
    ],
)
def test_a_moment_is_told_as_it_is_from_now(passed, text):
    now = 1_795_521_600_000
    assert formatting.ago(now - passed, now) == text


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("r18-cos-lr0.03-s4", ("r18-cos-lr0.03", "-s4")),
        ("fold_12", ("fold", "_12")),
        ("plain", ("plain", "")),
        ("-s4", ("-s4", "")),
        ("", ("", "")),
    ],
)
def test_a_name_keeps_its_end_when_it_is_cut(name, parts):
    assert formatting.cut_name(name) == parts


def test_a_curve_runs_from_the_left_edge_and_knows_its_last_point():
    points, x, y = formatting.polyline([0.0, 1.0], 48, 16)
    assert (points, x, y) == ("1.0,14.0 45.0,2.0", 45.0, 2.0)


def test_a_flat_curve_lies_in_the_middle():
    assert formatting.polyline([3.0, 3.0], 48, 16)[0] == "1.0,8.0 45.0,8.0"


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ((1204, 5000, 6204, "loss"), "1,204 points of loss from step 5,000 to 6,204"),
        ((1, 7, 7), "1 point at step 7"),
        ((2, -1, 0), "2 points from step −1 to 0"),
        ((0, None, None), "0 points"),
    ],
)
def test_points_say_how_many_and_where(given, written):
    assert formatting.points(*given) == written
