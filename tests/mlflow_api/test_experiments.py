"""Experiments over MLflow's protocol."""

import pytest

from experiments.models import Experiment
from tests.factories import make_experiment
from tests.mlflow_api.face import get, not_got, post, refused

pytestmark = pytest.mark.django_db

MISSING = (404, "RESOURCE_DOES_NOT_EXIST")
INVALID = (400, "INVALID_PARAMETER_VALUE")


def test_an_experiment_is_made_and_read_by_id_and_by_name():
    made = post("experiments/create", name="e", tags=[{"key": "k", "value": "v"}])["experiment_id"]
    experiment = get("experiments/get", experiment_id=made)["experiment"]
    assert experiment["artifact_location"] == f"mlflow-artifacts:/{made}"
    assert experiment["tags"] == [{"key": "k", "value": "v"}]
    assert get("experiments/get-by-name", experiment_name="e")["experiment"] == experiment


def test_a_taken_name_is_refused_and_a_trashed_one_is_free():
    first = post("experiments/create", name="e")["experiment_id"]
    assert refused("experiments/create", name="e") == (400, "RESOURCE_ALREADY_EXISTS")
    post("experiments/delete", experiment_id=first)
    assert not_got("experiments/get-by-name", experiment_name="e") == MISSING
    second = post("experiments/create", name="e")["experiment_id"]
    assert second != first
    assert refused("experiments/restore", experiment_id=first) == (400, "RESOURCE_ALREADY_EXISTS")


def test_only_what_is_active_is_trashed_and_what_is_trashed_restored():
    experiment = str(make_experiment().pk)
    assert refused("experiments/restore", experiment_id=experiment) == MISSING
    post("experiments/delete", experiment_id=experiment)
    assert refused("experiments/delete", experiment_id=experiment) == MISSING
    assert refused("experiments/update", experiment_id=experiment, new_name="n") == INVALID
    post("experiments/restore", experiment_id=experiment)


def test_the_note_is_a_tag_to_mlflow_and_a_note_to_us():
    experiment = make_experiment()
    post("experiments/set-experiment-tag", experiment_id=str(experiment.pk), key="mlflow.note.content", value="hello")
    assert Experiment.objects.get(pk=experiment.pk).note == "hello"
    tags = get("experiments/get", experiment_id=experiment.pk)["experiment"]["tags"]
    assert tags == [{"key": "mlflow.note.content", "value": "hello"}]
    post("experiments/delete-experiment-tag", experiment_id=str(experiment.pk), key="mlflow.note.content")
    assert Experiment.objects.get(pk=experiment.pk).note == ""


def test_a_tag_that_is_not_there_is_not_removed():
    assert refused("experiments/delete-experiment-tag", experiment_id="0", key="k") == MISSING


@pytest.mark.parametrize("experiment_id", ["abc", "1.5", "", "٣"])
def test_an_id_is_a_whole_number(experiment_id):
    assert not_got("experiments/get", experiment_id=experiment_id) == INVALID


@pytest.mark.parametrize("more", [{"filter": "name = 'a'"}, {"order_by": ["name"]}, {"page_token": "x"}])
def test_a_search_that_is_not_built_is_refused_and_not_half_done(more):
    assert refused("experiments/search", max_results=10, **more) == INVALID
