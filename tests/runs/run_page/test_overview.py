import math

import pytest

from experiments.models import Direction
from runs import ingest
from runs.run_page.charts import RunCharts
from runs.run_page.head import RunHead
from runs.run_page.overview import RunOverview
from tests.factories import NOON, make_experiment, make_run

pytestmark = pytest.mark.django_db


def test_key_metrics_are_the_primary_one_then_held_out_ones_then_the_rest():
    experiment = make_experiment(primary_metric="speed")
    keys = ["lr", "speed", "train/loss", "val/loss", "system/error"]
    run = make_run(experiment, metrics={key: [1, 2] for key in keys})
    found = [item.summary.key for item in RunOverview(run).key_metrics]
    assert found == ["speed", "val/loss", "train/loss", "lr"]


def test_a_metric_knows_its_best_value_and_step():
    overview = RunOverview(make_run(metrics={"acc": [0.2, 0.9, 0.5], "loss": [3, 1, 2], "lr": [1, 2]}))
    assert {item.key: item.best for item in overview.metrics} == {"acc": (0.9, 1), "loss": (1, 1), "lr": None}


def test_the_experiment_may_turn_a_direction_round():
    experiment = make_experiment(primary_metric="loss", primary_direction=Direction.MAX)
    overview = RunOverview(make_run(experiment, metrics={"loss": [3, 1]}))
    assert overview.metrics[0].best == (3, 0)


def test_a_series_of_nan_is_written_as_nan():
    summary = RunOverview(make_run(metrics={"loss": [math.nan, math.nan]})).metrics[0]
    assert math.isnan(summary.last)
    assert math.isnan(summary.min)
    assert summary.best is None


def test_the_text_twin_has_first_and_last_and_some_between():
    overview = RunOverview(make_run(metrics={"loss": range(100, 0, -1)}))
    chart = overview.chart_sections[0].items[0]
    assert [(row.label, row.place) for row in chart.twin[:2]] == [("first", 0), ("", 14)]
    assert (chart.twin[-1].label, chart.twin[-1].place, chart.twin[-1].value) == ("last", 99, 1)
    assert chart.extent == "step 0–99"


def test_the_text_twin_of_a_series_without_steps_is_told_over_time():
    run = make_run()
    series = ingest.Series(steps=[0] * 3, timestamps=[NOON, NOON + 30_000, NOON + 60_000], values=[1.0, 2.0, 3.0])
    ingest.store(run.run_id, ingest.Batch(metrics={"loss": series}))
    chart = RunOverview(run).chart_sections[0].items[0]
    assert chart.by_time
    assert [row.place for row in chart.twin] == [0, 30_000, 60_000]
    assert chart.extent == "over 1 min"


def test_single_values_of_an_ended_run_are_folded():
    metrics = {"loss": [2, 1], "final": 1}
    ended, running = make_run(metrics=metrics), make_run(metrics=metrics, status="RUNNING", end_time=None)
    assert [section.is_folded for section in RunCharts(ended).chart_sections] == [False, True]
    assert [section.is_folded for section in RunCharts(running).chart_sections] == [False]


def test_tags_of_mlflows_clients_are_not_shown():
    run = make_run(tags={"mlflow.user": "ada", "mlflow.source.name": "x", "sweep": "3"})
    assert [tag.key for tag in RunOverview(run).tags] == ["sweep"]


def test_a_parent_that_never_came_is_none():
    assert RunOverview(make_run(parent_run_id="elsewhere")).parent is None


def test_family_is_found_by_run_id():
    parent = make_run()
    child, gone = make_run(parent_run_id=parent.run_id), make_run(parent_run_id=parent.run_id)
    gone.trash()
    assert RunOverview(child).parent == parent
    assert RunOverview(parent).children == [child]


def test_the_previous_run_is_of_the_same_experiment():
    experiment = make_experiment()
    earlier = make_run(experiment, start_time=NOON - 2000)
    make_run(start_time=NOON - 1000)
    run = make_run(experiment, start_time=NOON)
    assert RunHead(run, "").previous == earlier
    assert RunHead(earlier, "").previous is None


def test_steps_below_zero_keep_their_signs_apart():
    run = make_run()
    ingest.store(run.run_id, ingest.Batch(metrics={"loss": ingest.Series(steps=[-20, 1000], values=[1.0, 2.0])}))
    assert RunOverview(run).chart_sections[0].items[0].extent == "step −20 to 1,000"
