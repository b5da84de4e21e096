"""Experiments over MLflow's protocol."""

from typing import Any

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


def names(**fields: Any) -> list[str]:
    body = post("experiments/search", **({"max_results": 100} | fields))
    return [item["name"] for item in body.get("experiments", [])]


@pytest.fixture
def _three() -> None:
    for number, name in enumerate(["Alpha", "beta", "gamma/1"]):
        made = make_experiment(name)
        made.set_tags({"team": f"Team {name}"})
        Experiment.objects.filter(pk=made.pk).update(creation_time=1000 + number, last_update_time=2000 - number)
    Experiment.objects.filter(pk=0).update(creation_time=1, last_update_time=1)
    Experiment.objects.named("beta").change(note="Look here")
    Experiment.objects.filter(name="beta").update(last_update_time=1999)


@pytest.mark.usefixtures("_three")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["gamma/1", "beta", "Alpha", "Default"]),
        ("name = 'beta'", ["beta"]),
        ("attribute.name LIKE '%a%'", ["gamma/1", "beta", "Alpha", "Default"]),
        ("name ILIKE 'ALPHA'", ["Alpha"]),
        ("name != 'beta' AND creation_time >= 1000", ["gamma/1", "Alpha"]),
        ("last_update_time < 1999", ["gamma/1", "Default"]),
        ("tags.team = 'Team beta'", ["beta"]),
        ("tag.`team` LIKE 'Team %' AND name = 'Alpha'", ["Alpha"]),
        ("tags.team IS NULL", ["Default"]),
        ("tags.team IS NOT NULL", ["gamma/1", "beta", "Alpha"]),
        ("experiment_id = '0'", ["Default"]),
        ("experiment_id IN ('0', '99')", ["Default"]),
        ("experiment_id NOT IN ('0')", ["gamma/1", "beta", "Alpha"]),
        ("tags.`mlflow.note.content` LIKE 'Look%'", ["beta"]),
        ("tags.`mlflow.note.content` IS NULL", ["gamma/1", "Alpha", "Default"]),
    ],
)
def test_a_filter_finds_experiments(text, expected):
    assert names(filter=text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "nothing = 'a'",
        "name > 'a'",
        "creation_time = 'a'",
        "metrics.a > 1",
        "params.a = '1'",
        "experiment_id = 'x'",
        "experiment_id LIKE '1%'",
        "name = a",
        "name = 'a' NAND",
        "tags.a > 'b'",
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(text):
    assert refused("experiments/search", max_results=10, filter=text) == INVALID


@pytest.mark.usefixtures("_three")
@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (["name"], ["Alpha", "Default", "beta", "gamma/1"]),
        (["name DESC"], ["gamma/1", "beta", "Default", "Alpha"]),
        (["attribute.last_update_time ASC"], ["Default", "gamma/1", "beta", "Alpha"]),
        (["experiment_id"], ["Default", "Alpha", "beta", "gamma/1"]),
    ],
)
def test_experiments_are_sorted(order, expected):
    assert names(order_by=order) == expected


@pytest.mark.parametrize("order", ["nothing", "tags.team", "name SIDEWAYS", ""])
def test_an_order_that_makes_no_sense_is_refused(order):
    assert refused("experiments/search", max_results=10, order_by=[order]) == INVALID


@pytest.mark.usefixtures("_three")
def test_pages_of_experiments_follow_each_other():
    body = post("experiments/search", max_results=3)
    rest = post("experiments/search", max_results=3, page_token=body["next_page_token"])
    assert [item["name"] for item in rest["experiments"]] == ["Default"]
    assert "next_page_token" not in rest
    assert refused("experiments/search", max_results=3, page_token="x") == INVALID
