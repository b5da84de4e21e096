import math

import pytest

from experiments.models import Direction
from runs.comparing.comparison import Comparison
from runs.comparing.state import State
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db


def compare(*runs, **options):
    return Comparison(State(run_ids=tuple(run.run_id for run in runs), **options))


def names(comparison):
    return [contender.name for contender in comparison.contenders]


def states(comparison, key):
    row = next(row for row in comparison.params.rows if row.key == key)
    return [cell.state for cell in row.cells]


def row_of(comparison, key):
    return next(row for row in comparison.metrics.rows if row.key == key)


def best_of(comparison, key):
    return [cell.is_best for cell in row_of(comparison, key).cells]


def test_runs_come_in_the_order_of_the_address_with_the_base_first():
    a, b, c = make_run(name="a"), make_run(name="b"), make_run(name="c")
    assert names(compare(b, a, c)) == ["b", "a", "c"]
    assert names(compare(b, a, c, base=c.run_id)) == ["c", "b", "a"]


def test_a_run_keeps_its_colour_when_another_becomes_the_base():
    a, b = make_run(), make_run()
    colours = {item.lead.run_id: item.colour for item in compare(a, b).contenders}
    assert {item.lead.run_id: item.colour for item in compare(a, b, base=b.run_id).contenders} == colours


def test_params_are_held_against_the_base():
    base = make_run(params={"opt": "sgd", "momentum": "0.9"})
    other = make_run(params={"opt": "adam", "betas": "(0.9, 0.999)"})
    third = make_run(params={"opt": "sgd"})
    comparison = compare(base, other, third)
    assert states(comparison, "opt") == ["base", "changed", "same"]
    assert states(comparison, "momentum") == ["base", "missing", "missing"]
    assert states(comparison, "betas") == ["base", "changed", "absent"]
    assert [column.differs for column in comparison.columns] == [0, 3, 1]


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [
        ("0.1", "0.10", False),
        ("0.1", "1e-1", False),
        ("1", "1.0", False),
        ("True", "true", False),
        ("sgd", "SGD", True),
        ("1", "True", True),
        ("12345678901234567890", "12345678901234567891", True),
        ("1e999", "2e999", True),
        ("", "0", True),
    ],
)
def test_values_are_compared_by_what_they_mean(one, other, differs):
    comparison = compare(make_run(params={"p": one}), make_run(params={"p": other}))
    assert comparison.params.rows[0].differs is differs


def test_differing_params_come_first_and_equal_ones_only_when_asked_for():
    comparison = compare(make_run(params={"a": "1", "b": "1"}), make_run(params={"a": "1", "b": "2"}))
    assert [row.key for section in comparison.params.sections(False, [0, 1]) for row in section.rows] == ["b"]
    assert [row.key for section in comparison.params.sections(True, [0, 1]) for row in section.rows] == ["b", "a"]
    assert comparison.params.differing == 1


def test_params_are_grouped_by_what_stands_before_a_dot_or_slash():
    runs = [make_run(params={"opt.lr": lr, "opt.name": "sgd", "seed": lr}) for lr in ("1", "2")]
    sections = compare(*runs).params.sections(False, [0, 1])
    assert [(section.name, section.differing, section.total) for section in sections] == [("", 1, 1), ("opt", 1, 2)]
    assert sections[1].rows[0].label == "lr"


def test_the_spread_lies_between_the_lowest_and_the_highest_number():
    runs = [make_run(params={"p": value}) for value in ("0", "5", "10", "off")]
    dots = compare(*runs).params.rows[0].spread
    assert sorted(dot.x for dot in dots) == [4, 44, 84]


def test_the_spread_of_magnitudes_is_logarithmic():
    runs = [make_run(params={"lr": value}) for value in ("0.001", "0.01", "0.1")]
    assert sorted(dot.x for dot in compare(*runs).params.rows[0].spread) == [4, 44, 84]


@pytest.mark.parametrize("values", [("1", "1"), ("sgd", "adam"), ("inf", "1")])
def test_there_is_no_spread_without_two_numbers(values):
    assert compare(*[make_run(params={"p": value}) for value in values]).params.rows[0].spread == []


def test_huge_numbers_have_a_spread_too():
    runs = [make_run(params={"p": value}) for value in ("-1.7e308", "1.7e308")]
    assert sorted(dot.x for dot in compare(*runs).params.rows[0].spread) == [4, 84]


@pytest.mark.parametrize(
    ("statistic", "values", "best"),
    [("last", [0.5, 0.3], [False, True]), ("min", [0.1, 0.3], [True, False]), ("max", [0.9, 0.4], [False, True])],
)
def test_metrics_show_the_chosen_value_and_its_best(statistic, values, best):
    comparison = compare(
        make_run(metrics={"loss": [0.9, 0.1, 0.5]}), make_run(metrics={"loss": [0.4, 0.3]}), statistic=statistic
    )
    assert [cell.value for cell in row_of(comparison, "loss").cells] == values
    assert best_of(comparison, "loss") == best


def test_the_best_of_an_accuracy_is_its_highest_value():
    comparison = compare(make_run(metrics={"acc": [0.9]}), make_run(metrics={"acc": [0.8]}))
    assert best_of(comparison, "acc") == [True, False]


def test_nothing_is_best_where_nobody_knows_or_all_are_alike():
    comparison = compare(make_run(metrics={"lr": 1, "loss": 2}), make_run(metrics={"lr": 2, "loss": 2}))
    assert best_of(comparison, "lr") == [False, False]
    assert best_of(comparison, "loss") == [False, False]


def test_the_experiments_word_on_its_primary_metric_wins_over_a_guess():
    experiment = make_experiment(primary_metric="loss", primary_direction=Direction.MAX)
    comparison = compare(make_run(experiment, metrics={"loss": 1}), make_run(experiment, metrics={"loss": 2}))
    assert best_of(comparison, "loss") == [False, True]
    assert comparison.headline.key == "loss"


def test_nan_and_infinities_are_shown_and_never_best():
    runs = [make_run(metrics={"loss": value}) for value in (math.nan, -math.inf, 1, 2)]
    comparison = compare(*runs, make_run())
    values = [cell.value for cell in row_of(comparison, "loss").cells]
    assert math.isnan(values[0])
    assert values[1:] == [-math.inf, 1, 2, None]
    assert best_of(comparison, "loss") == [False, False, True, False, False]


def test_a_chart_lists_the_runs_that_have_its_key():
    a, b = make_run(metrics={"loss": [2, 1]}), make_run(metrics={"acc": [1, 2]})
    charts = {chart.key: [item.name for item in chart.series] for chart in compare(a, b).charts}
    assert charts == {"acc": [b.name], "loss": [a.name]}


def test_charts_of_single_values_are_folded_at_the_end():
    runs = [make_run(metrics={"loss": [2, 1], "final": 1}) for _ in range(2)]
    sections = compare(*runs).chart_sections
    assert [(section.name, section.is_folded) for section in sections] == [("", False), ("One value each", True)]


def test_the_text_twin_of_a_chart_stays_short():
    chart = compare(*[make_run(metrics={"loss": [2, 1]}) for _ in range(12)]).charts[0]
    assert len(chart.shown) == 10
    assert chart.more == 2


def test_runs_of_several_experiments_have_no_common_one():
    one, other = make_run(make_experiment()), make_run(make_experiment())
    assert compare(one, other).experiment is None
    assert compare(one).experiment == one.experiment
