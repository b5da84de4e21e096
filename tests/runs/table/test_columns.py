"""Columns that a person chose, the baseline and pinned rows."""

import pytest

from experiments.models import AuditEntry, Direction
from tests.factories import NOON, make_experiment, make_run
from tests.runs.table.pages import keys, names, table_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def experiment():
    found = make_experiment()
    for number in range(3):
        make_run(
            found,
            name=f"run-{number}",
            run_id=f"r{number}",
            start_time=NOON + number,
            params={"lr": f"0.{number}", "opt": "adam"},
            tags={"team": f"t{number}", "kind": "x"},
            metrics={"loss": [2.0, 1.0 - number / 10, 1.5], "acc": [0.1, 0.5 + number / 10]},
        )
    return found


def test_chosen_columns_come_in_their_order(experiment):
    table = table_of(experiment, column=["params.opt", "min(metrics.loss)", "tags.team", "duration", "params.lr"])
    columns = table.columns
    assert [keys(part) for part in (columns.fields, columns.params, columns.metrics, columns.tags)] == [
        ["duration"], ["opt", "lr"], ["loss"], ["team"],
    ]  # fmt: skip
    assert not columns.has_all_tags


@pytest.mark.parametrize(
    ("statistic", "value"), [("last", 1.5), ("min", 0.8), ("max", 2.0), ("mean", 4.3 / 3), ("count", 3.0)]
)
def test_a_metric_shows_the_value_that_was_chosen(experiment, statistic, value):
    field = "metrics.loss" if statistic == "last" else f"{statistic}(metrics.loss)"
    ((column, cell),) = table_of(experiment, column=[field]).rows[0].metrics
    assert (column.statistic, cell.value) == (statistic, pytest.approx(value))


def test_the_best_is_that_of_the_value_shown(experiment):
    rows = table_of(experiment, column=["min(metrics.loss)"]).rows
    assert [row.run.name for row in rows if row.metrics[0][1].is_best] == ["run-2"]


def test_what_is_no_column_is_passed_over(experiment):
    table = table_of(experiment, column=["nonsense", "params.", "metrics.loss DESC", "start_time", "'"])
    assert keys(table.columns.fields) == ["start_time"]
    assert keys(table.columns.metrics) == ["loss"]


def test_a_tag_with_a_column_is_not_listed_again(experiment):
    row = table_of(experiment, column=["tags.team", "tags"]).rows[0]
    assert row.tags[0][1] == "t2"
    assert row.labels == []


def test_the_dialog_offers_what_is_shown_first(experiment):
    choices = dict(table_of(experiment, column=["params.opt", "max(metrics.acc)"]).columns.choices)
    assert [(choice.label, choice.is_shown) for choice in choices["Params"]] == [("opt", True), ("lr", False)]
    assert [(choice.label, choice.statistic) for choice in choices["Metrics"]] == [("acc", "max"), ("loss", "")]
    assert ("max(metrics.acc)", "max") in choices["Metrics"][0].statistics
    assert [choice.label for choice in choices["Tags"]] == ["All of them", "kind", "team"]


def test_params_that_only_some_runs_have_come_after_those_that_differ(experiment):
    make_run(experiment, params={"alpha": "1"})
    assert keys(table_of(experiment).columns.params) == ["lr", "alpha", "opt"]


def test_a_baseline_stands_on_top_and_the_others_are_held_against_it(experiment):
    table = table_of(experiment, base="r0", column=["metrics.acc", "min(metrics.loss)"])
    assert [row.run.run_id for row in table.pinned_rows] == ["r0"]
    assert names(table) == ["run-2", "run-1"]
    deltas = [[(cell.delta.text, cell.delta.is_better) for _, cell in row.metrics] for row in table.rows]
    assert deltas[0] == [("+0.2000", True), ("−0.200", True)]
    assert [cell.delta.text for _, cell in table.pinned_rows[0].metrics] == ["base", "base"]


def test_distances_in_percent(experiment):
    table = table_of(experiment, base="r0", delta="percent", column=["metrics.acc"])
    assert [row.metrics[0][1].delta.text for row in table.rows] == ["+40.0 %", "+20.0 %"]


def test_a_distance_that_the_column_can_not_show_is_none(experiment):
    make_run(experiment, name="near", start_time=NOON + 9, metrics={"acc": 0.500001})
    delta = table_of(experiment, base="r0", column=["metrics.acc"]).rows[0].metrics[0][1].delta
    assert delta.text == "±0"


def test_pinned_runs_stay_on_top_under_any_filter(experiment):
    table = table_of(experiment, base="r1", pin=["r2", "r1", "gone"], q="params.lr = '0.0'")
    assert [(row.run.run_id, row.is_base) for row in table.pinned_rows] == [("r1", True), ("r2", False)]
    assert names(table) == ["run-0"]


def test_runs_of_other_experiments_are_not_pinned(experiment):
    make_run(make_experiment(), run_id="elsewhere")
    assert table_of(experiment, pin=["elsewhere"]).pinned_rows == []


@pytest.mark.parametrize(("draw", "drawn"), [("5", 3), ("none", 0), (["r1"], 1)])
def test_the_charts_draw_what_was_chosen(experiment, draw, drawn):
    assert len(table_of(experiment, draw=draw).drawn_rows) == drawn


def test_the_best_are_drawn_by_the_first_metric_with_a_good_end(experiment):
    for number in range(12):
        make_run(experiment, name=f"bad-{number}", start_time=NOON + 99 + number, metrics={"acc": 0.01})
    drawn = [row.run.name for row in table_of(experiment, draw="best").drawn_rows]
    assert len(drawn) == 10
    assert {"run-0", "run-1", "run-2"} <= set(drawn)


def test_a_good_end_can_be_said(experiment):
    experiment.say_direction("acc", Direction.MIN)
    column = table_of(experiment, column=["metrics.acc"]).columns.metrics[0]
    assert (column.how, column.best) == ("↓", 0.5)
    experiment.say_direction("acc", None)
    assert table_of(experiment, column=["metrics.acc"]).columns.metrics[0].how == "↑"
    said = AuditEntry.objects.filter(action="change", object_id=str(experiment.pk))
    assert [entry.before for entry in said.order_by("pk")] == [{"good end of acc": None}, {"good end of acc": "min"}]
