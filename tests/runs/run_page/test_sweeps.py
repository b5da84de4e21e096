"""How far a sweep is, on the page of its parent and on that of its experiment."""

import pytest
from django.test import Client

from runs.run_page.sweeps import Sweep
from tests.factories import NOON, log, make_experiment, make_run

pytestmark = pytest.mark.django_db
TAGS = {
    "tracker.sweep.method": "tpe",
    "tracker.sweep.metric": "loss",
    "tracker.sweep.goal": "minimize",
    "tracker.sweep.total": "6",
}


def make_sweep(values=(0.3, 0.1, 0.2), tags=TAGS, experiment=None, **fields):
    parent = make_run(experiment, name="sweep", tags=tags, **fields)
    trials = [
        make_run(
            experiment,
            parent_run_id=parent.run_id,
            params={"lr": str(number), "seed": "0"},
            tags={"tracker.sweep.trial": str(number)},
            metrics={} if value is None else {"loss": [1, value]},
        )
        for number, value in enumerate(values)
    ]
    return parent, trials


def sweep_of(parent):
    return Sweep.of(parent, dict(parent.tags.values_list("key", "value")))


def test_another_run_is_no_sweep():
    assert sweep_of(make_run(tags={"paper": "yes"})) is None


def test_trials_stand_by_their_metric_the_best_first():
    parent, trials = make_sweep((0.3, None, 0.1, float("nan"), 0.2))
    sweep = sweep_of(parent)
    assert [trial.number for trial in sweep.trials] == ["2", "4", "0", "1", "3"]
    assert sweep.best == trials[2]
    assert [trial.is_best for trial in sweep.trials][:2] == [True, False]
    assert sweep.param_keys == ["lr"]


def test_more_is_better_where_the_goal_says_so():
    parent, trials = make_sweep(tags=TAGS | {"tracker.sweep.goal": "maximize"})
    assert sweep_of(parent).best == trials[0]


def test_the_best_that_the_sweep_named_is_the_best():
    parent, trials = make_sweep()
    log(parent, tags={"tracker.sweep.best": trials[2].run_id})
    assert sweep_of(parent).best == trials[2]


def test_a_trial_that_did_not_finish_is_not_the_best():
    parent, trials = make_sweep()
    trials[1].change(status="KILLED")
    assert sweep_of(parent).best == trials[2]


def test_without_a_goal_nobody_is_the_best():
    parent, _ = make_sweep(tags={"tracker.sweep.method": "grid"})
    assert sweep_of(parent).best is None


def test_trials_are_counted_by_how_they_are():
    parent, trials = make_sweep((1, 2, 3, 4))
    for trial, status in zip(trials, ("FINISHED", "FAILED", "KILLED", "RUNNING"), strict=True):
        trial.change(status=status)
    sweep = sweep_of(parent)
    assert (sweep.finished, sweep.failed, sweep.killed, sweep.running) == (1, 1, 1, 1)
    assert (sweep.ended, sweep.begun, sweep.total) == (3, 4, 6)


def test_a_run_whose_trial_was_run_again_is_no_trial():
    parent, trials = make_sweep((1, 2, 3))
    log(trials[2], tags={"tracker.sweep.interrupted": "2"})
    trials[2].change(status="KILLED")
    sweep = sweep_of(parent)
    assert (sweep.ended, sweep.begun, sweep.killed) == (2, 2, 0)
    assert [trial.run for trial in sweep.trials] == trials[:2]


@pytest.mark.parametrize("total", ["", "many", "-3", "1" * 30, "1"])
def test_a_total_that_is_none_is_what_there_is(total):
    parent, _ = make_sweep(tags=TAGS | {"tracker.sweep.total": total})
    assert sweep_of(parent).total == 3


def test_the_page_shows_progress_and_leads_to_the_best():
    parent, trials = make_sweep(status="RUNNING", end_time=None)
    page = Client().get(f"/runs/{parent.run_id}/").text
    for text in ("<b>3</b> of 6 trials ended", "Best so far", "Compare trials", "TPE, minimize <code>loss</code>"):
        assert text in page
    assert f'href="/runs/{trials[1].run_id}/"' in page
    assert "tracker.sweep" not in page


def test_the_page_of_a_sweep_does_not_miss_what_its_trials_have():
    parent, _ = make_sweep()
    page = Client().get(f"/runs/{parent.run_id}/").text
    for text in ("This run logged no metric", "No params", "What changed"):
        assert text not in page


def test_the_link_to_compare_finds_the_trials_alone():
    parent, trials = make_sweep()
    make_run()
    page = Client().get(sweep_of(parent).compare_address).text
    assert all(trial.name in page for trial in trials)
    assert "3 runs" in page


def test_the_live_part_is_sent_again_when_a_trial_says_something():
    parent, trials = make_sweep(status="RUNNING", end_time=None)
    path = f"/runs/{parent.run_id}/live/"
    answer = Client().get(path)
    assert "Trials" in answer.text
    assert Client().get(path, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    log(trials[0], metrics={"loss": [1, 0.3, 0.01]})
    assert Client().get(path, headers={"If-None-Match": answer["ETag"]}).status_code == 200


def test_the_number_of_queries_does_not_grow_with_the_trials(django_assert_num_queries):
    parent, _ = make_sweep(range(40))
    sweep = sweep_of(parent)
    with django_assert_num_queries(4):  # counts; trials with their value; params; numbers
        assert (len(sweep.trials), sweep.begun, sweep.is_cut) == (30, 40, True)


def test_the_experiment_names_the_best_of_its_newest_sweeps():
    experiment = make_experiment()
    make_sweep((9, 8), experiment=experiment, start_time=NOON - 9000)
    make_sweep((7, 6), experiment=experiment, start_time=NOON - 8000)
    _, trials = make_sweep((5, 4), experiment=experiment)
    page = Client().get(f"/experiments/{experiment.pk}/").text
    assert page.count("Best of</span>") == 2
    assert f'href="/runs/{trials[1].run_id}/"' in page


def test_a_sweep_that_has_no_value_yet_is_no_mistake():
    experiment = make_experiment()
    make_sweep((), experiment=experiment)
    assert "none yet" in Client().get(f"/experiments/{experiment.pk}/").text
