"""Deleting for good over HTTP: a preview first, and only what is in the trash."""

import pytest

from runs import purging
from runs.models import Run
from tests.api import Api, assert_error
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db
api = Api()
URL = "/api/v1/trash/purge/"


@pytest.fixture(autouse=True)
def sweep_at_once(monkeypatch):
    monkeypatch.setattr(purging, "sweep_soon", purging.sweep)


def test_without_confirm_it_is_a_preview():
    run = make_run(metrics={"loss": [1.0] * 7})
    run.trash()
    answer = api.post(URL, {"run_ids": [run.run_id]})
    assert (answer.status, answer.body["runs"], answer.body["points"], answer.body["confirmed"]) == (200, 1, 7, False)
    assert Run.objects.exists()


def test_confirmed_it_goes():
    run, experiment = make_run(), make_experiment()
    make_run(experiment)
    run.trash()
    experiment.trash()
    answer = api.post(URL, {"run_ids": [run.run_id], "experiment_ids": [experiment.pk], "confirm": True})
    assert (answer.body["runs"], answer.body["experiments"]) == (2, 1)
    assert not Run.objects.exists()


def test_what_is_active_or_younger_is_not_touched():
    active, young = make_run(), make_run()
    young.trash()
    assert api.post(URL, {"run_ids": [active.run_id], "confirm": True}).body["runs"] == 0
    assert api.post(URL, {"older_than_days": 1, "confirm": True}).body["runs"] == 0
    assert Run.objects.count() == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"run_ids": []},
        {"run_ids": ["a"], "older_than_days": 1},
        {"older_than_days": -1},
        {"older_than_days": "NaN"},
        {"older_than_days": 1e300},
        {"run_ids": "a"},
        {"run_ids": [1]},
        {"experiment_ids": [-1]},
        {"everything": True},
    ],
)
def test_nonsense_is_refused(body):
    make_run().trash()
    assert_error(api.post(URL, body | {"confirm": True}), 400)
    assert Run.objects.trashed().count() == 1
