"""How far a running run is."""

import pytest

from runs import ingest
from runs.run_page.progress import progress_of
from tests.factories import make_run
from trackerweb.clock import now_ms

pytestmark = pytest.mark.django_db


def running(**fields):
    now = now_ms()
    return make_run(status="RUNNING", end_time=None, start_time=now - 60_000, heartbeat_time=now, **fields)


@pytest.mark.parametrize(
    ("params", "metrics", "percent"),
    [
        ({"max_steps": "100"}, {"loss": range(25)}, 25),
        ({"epochs": "10"}, {"loss": range(500), "epoch": [0.5, 4]}, 40),
        ({"epochs": "10"}, {"loss": range(5)}, 50),
        ({"max_steps": "10"}, {"loss": range(25)}, 100),
        ({"max_steps": "100", "epochs": "2"}, {"loss": range(25)}, 25),
    ],
)
def test_params_and_steps_tell_how_far_it_is(params, metrics, percent):
    assert progress_of(running(params=params, metrics=metrics)).percent == percent


@pytest.mark.parametrize(
    ("params", "metrics"),
    [
        ({}, {"loss": range(5)}),
        ({"max_steps": "100"}, {}),
        ({"max_steps": "many"}, {"loss": range(5)}),
        ({"max_steps": "0"}, {"loss": range(5)}),
        ({"max_steps": "nan"}, {"loss": range(5)}),
        ({"max_steps": "inf"}, {"loss": range(5)}),
        ({"epochs": "3"}, {"loss": range(500)}),
        ({"max_steps": "100"}, {"system/cpu": range(5)}),
    ],
)
def test_where_nothing_tells_nothing_is_said(params, metrics):
    assert progress_of(running(params=params, metrics=metrics)) is None


@pytest.mark.parametrize(("text", "percent"), [("0.62", 62), ("62 %", 62), ("31/50", 62), ("1", 100)])
def test_a_script_may_say_it_itself(text, percent):
    run = running(tags={"progress": text}, params={"max_steps": "100"}, metrics={"loss": range(5)})
    assert progress_of(run).percent == percent


@pytest.mark.parametrize("text", ["soon", "1/0", "-1", "7", "nan", "1e999"])
def test_a_tag_that_is_no_progress_is_passed_over(text):
    assert progress_of(running(tags={"progress": text})) is None


def test_the_time_left_follows_from_the_speed_so_far():
    left = progress_of(running(tags={"progress": "0.25"})).left_ms
    assert left == pytest.approx(180_000, rel=0.05)


def test_a_script_that_passes_no_steps_does_a_step_a_point():
    run = running(params={"max_steps": "100"})
    ingest.store(
        run.run_id, ingest.Batch(metrics={"loss": ingest.Series(values=[float(value) for value in range(25)])})
    )
    assert progress_of(run).percent == 25


def test_a_run_that_ended_has_no_progress():
    assert progress_of(make_run(tags={"progress": "0.5"})) is None
