"""What changed since another run."""

import pytest

from experiments.models import Direction
from runs.models import Environment
from runs.run_page.changes import Changes
from tests.factories import NOON, make_experiment, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def experiment():
    return make_experiment(primary_metric="acc", primary_direction=Direction.MAX)


def test_the_run_before_of_the_same_script_is_what_a_run_is_held_against(experiment):
    same = make_run(experiment, source_name="a.py", start_time=NOON)
    make_run(experiment, source_name="b.py", start_time=NOON + 1)
    run = make_run(experiment, source_name="a.py", start_time=NOON + 2)
    assert Changes(run).reference == same


def test_the_best_run_and_any_other_can_be_chosen(experiment):
    best = make_run(experiment, metrics={"acc": 0.9}, start_time=NOON)
    worst = make_run(experiment, metrics={"acc": 0.1}, start_time=NOON + 1)
    before = make_run(experiment, metrics={"acc": 0.5}, start_time=NOON + 2)
    run = make_run(experiment, start_time=NOON + 3)
    assert [one.run for one in Changes(run).references] == [before, best]
    assert Changes(run, worst.run_id).reference == worst
    assert Changes(run, "gone").reference == before


def test_the_first_run_has_nothing_to_be_held_against():
    assert Changes(make_run(make_experiment())).reference is None


def test_params_that_differ_and_metrics_that_both_have_are_told(experiment):
    make_run(experiment, params={"lr": "0.1", "a": "1"}, metrics={"acc": 0.5, "old": 1}, start_time=NOON)
    run = make_run(experiment, params={"lr": "0.10", "a": "2", "b": "x"}, metrics={"acc": 0.75}, start_time=NOON + 1)
    changes = Changes(run)
    assert [(row.key, row.cells[0].text, row.cells[1].text) for row in changes.params] == [
        ("a", "1", "2"), ("b", "", "x"),
    ]  # fmt: skip
    (row,) = changes.metrics
    assert (row.key, row.cells[1].delta.text, row.cells[1].delta.is_better) == ("acc", "+0.2500", True)


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ({}, {}, "not captured"),
        ({"commit": "a" * 40}, {"commit": "a" * 40}, "the same"),
        ({"commit": "a1"}, {"commit": "b2", "log": ["b2 Two", "a1 One"]}, "1 commit"),
        ({"commit": "b2", "log": ["b2 Two", "a1 One"]}, {"commit": "a1"}, "1 commit back"),
        ({"commit": "a1"}, {"commit": "c3"}, "a1 → c3"),
        ({"commit": "a1"}, {"commit": "a1", "diff": "--- a\n+++ b\n+x\n"}, "uncommitted clean → +1 −0"),
    ],
)
def test_how_far_the_code_is_apart_is_said_in_words(experiment, one, other, words):
    make_run(experiment, environment=Environment.of({"git": one}), start_time=NOON)
    run = make_run(experiment, environment=Environment.of({"git": other}), start_time=NOON + 1)
    assert Changes(run).surroundings.code_words == words


def test_a_run_is_not_held_against_itself_and_an_unknown_one_is_told(experiment):
    before = make_run(experiment, start_time=NOON)
    run = make_run(experiment, start_time=NOON + 1)
    assert Changes(run, run.run_id).reference == before
    assert Changes(run, "gone").unknown == "gone"
