"""Models over MLflow's protocol, and their ties to runs."""

import json
from typing import Any

import pytest

from registry.models import LoggedModel, ModelMetric
from runs import purging
from runs.artifacts import store
from runs.artifacts.storage import blob_storage
from runs.checking import files
from runs.checking.finding import Scope
from runs.models import Blob, Metric, Run
from tests.api import Api
from tests.factories import make_experiment
from tests.mlflow_api.face import fine, get, new_run, not_got, post, refused, run, spoken, tags

pytestmark = pytest.mark.django_db

MODELS = "/api/2.0/mlflow/logged-models"
MISSING = (404, "RESOURCE_DOES_NOT_EXIST")
INVALID = (400, "INVALID_PARAMETER_VALUE")
api = Api()


def new_model(**fields: Any) -> str:
    return post("logged-models", **({"experiment_id": "0"} | fields))["model"]["info"]["model_id"]


def model(model_id: str) -> Any:
    return get(f"logged-models/{model_id}")["model"]


def score(run_id: str, model_id: str, value: Any = 0.9, **fields: Any) -> None:
    point = {"key": "acc", "value": value, "timestamp": 5, "step": 1} | fields
    post("runs/log-metric", run_id=run_id, model_id=model_id, **point)


def found(*experiments: str, **fields: Any) -> list[str]:
    body = post("logged-models/search", experiment_ids=list(experiments or "0"), **fields)
    return [item["info"]["name"] for item in body.get("models", [])]


def test_a_model_tells_what_it_was_made_with():
    made = post(
        "logged-models",
        experiment_id="0",
        name="m",
        model_type="tree",
        source_run_id="r",
        params=[{"key": "lr", "value": "1"}],
        tags=[{"key": "k", "value": "v"}],
    )["model"]
    info = made["info"]
    assert info["model_id"].startswith("m-")
    assert info["artifact_uri"] == f"mlflow-artifacts:/0/models/{info['model_id']}/artifacts"
    assert (info["name"], info["model_type"], info["source_run_id"]) == ("m", "tree", "r")
    assert info["status"] == "LOGGED_MODEL_PENDING"
    assert made["data"] == {"params": [{"key": "lr", "value": "1"}]}
    assert model(info["model_id"]) == made


def test_a_model_without_a_name_gets_one():
    assert model(new_model())["info"]["name"]


@pytest.mark.parametrize("name", ["a/b", "a:b", "a.b", "a%b", 'a"b', "a'b", "x" * 501])
def test_a_name_that_no_address_could_hold_is_refused(name):
    assert refused("logged-models", experiment_id="0", name=name) == INVALID
    assert not LoggedModel.objects.exists()


def test_a_key_that_comes_twice_is_refused_and_no_model_is_made():
    twice = [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]
    assert refused("logged-models", experiment_id="0", params=twice) == INVALID
    assert refused("logged-models", experiment_id="0", tags=twice) == INVALID
    assert not LoggedModel.objects.exists()


def test_no_model_is_made_in_an_experiment_that_is_not_there_or_in_the_trash():
    assert refused("logged-models", experiment_id="99") == MISSING
    experiment = make_experiment()
    experiment.trash()
    assert refused("logged-models", experiment_id=str(experiment.pk)) == INVALID


@pytest.mark.parametrize(
    ("said", "meant"),
    [(2, "READY"), ("2", "READY"), ("LOGGED_MODEL_READY", "READY"), (3, "UPLOAD_FAILED"), (9, "STATUS_UNSPECIFIED")],
)
def test_a_status_comes_by_name_or_by_number(said, meant):
    model_id = new_model()
    answer = fine(api.patch(f"{MODELS}/{model_id}", {"model_id": model_id, "status": said}))
    assert answer["model"]["info"]["status"] == model(model_id)["info"]["status"] == f"LOGGED_MODEL_{meant}"


def test_a_status_is_required():
    assert spoken(api.patch(f"{MODELS}/{new_model()}", {})) == INVALID


def test_tags_are_set_overwritten_and_removed():
    model_id = new_model(tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "1"}])
    fine(api.patch(f"{MODELS}/{model_id}/tags", {"tags": [{"key": "a", "value": "2"}, {"key": "c/d", "value": "3"}]}))
    fine(api.delete(f"{MODELS}/{model_id}/tags/b"))
    assert model(model_id)["info"]["tags"] == [{"key": "a", "value": "2"}, {"key": "c/d", "value": "3"}]
    assert spoken(api.delete(f"{MODELS}/{model_id}/tags/b")) == MISSING
    fine(api.delete(f"{MODELS}/{model_id}/tags/c/d"))


def test_params_are_written_once():
    model_id = new_model()
    post(f"logged-models/{model_id}/params", params=[{"key": "a", "value": "1"}])
    assert refused(f"logged-models/{model_id}/params", params=[{"key": "a", "value": "2"}])[0] == 400
    assert model(model_id)["data"]["params"] == [{"key": "a", "value": "1"}]


def test_a_deleted_model_is_found_by_those_who_ask_for_it_and_is_read_only():
    model_id = new_model()
    for _ in range(2):
        fine(api.delete(f"{MODELS}/{model_id}"))
    assert not_got(f"logged-models/{model_id}") == MISSING
    assert get(f"logged-models/{model_id}", allow_deleted="true")
    assert found() == []
    assert spoken(api.patch(f"{MODELS}/{model_id}/tags", {"tags": [{"key": "a", "value": "1"}]})) == INVALID
    assert refused(f"logged-models/{model_id}/params", params=[{"key": "a", "value": "1"}]) == INVALID


def test_a_model_that_is_not_there_is_not_found():
    assert not_got("logged-models/m-0") == MISSING
    assert spoken(api.patch(f"{MODELS}/m-0", {"status": 2})) == MISSING
    assert spoken(api.delete(f"{MODELS}/m-0")) == MISSING
    assert refused("logged-models/m-0/params") == MISSING
    assert not_got("logged-models/m-0/artifacts/directories") == MISSING


def test_a_point_that_names_a_model_is_a_point_of_the_run_and_of_the_model():
    run_id, model_id = new_run(), new_model()
    score(run_id, model_id, dataset_name="digits", dataset_digest="d1")
    assert model(model_id)["data"]["metrics"] == [
        {
            "key": "acc",
            "value": 0.9,
            "timestamp": 5,
            "step": 1,
            "model_id": model_id,
            "run_id": run_id,
            "dataset_name": "digits",
            "dataset_digest": "d1",
        }
    ]
    assert run(run_id)["data"]["metrics"] == [{"key": "acc", "value": 0.9, "timestamp": 5, "step": 1}]


def test_the_same_point_on_other_data_is_another_and_sent_again_is_one():
    run_id, model_id = new_run(), new_model()
    for digest in ("d1", "d2", "d2"):
        score(run_id, model_id, dataset_name="digits", dataset_digest=digest)
    assert ModelMetric.objects.count() == 2


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_a_models_odd_numbers_are_kept(value):
    run_id, model_id = new_run(), new_model()
    score(run_id, model_id, value)
    assert model(model_id)["data"]["metrics"][0]["value"] == value


def test_a_batch_that_names_an_unknown_model_stores_nothing():
    run_id = new_run()
    points = [{"key": "a", "value": 1, "timestamp": 1}, {"key": "b", "value": 1, "timestamp": 1, "model_id": "m-0"}]
    assert refused("runs/log-batch", run_id=run_id, metrics=points) == INVALID
    assert not Metric.objects.exists()


@pytest.mark.parametrize("half", [{"dataset_name": "d"}, {"dataset_digest": "d"}])
def test_half_a_dataset_is_refused(half):
    point = {"key": "a", "value": 1, "timestamp": 1} | half
    assert refused("runs/log-metric", run_id=new_run(), **point) == INVALID
    assert refused("runs/log-batch", run_id=new_run(), metrics=[point]) == INVALID


def test_a_run_tells_which_models_it_took_and_gave():
    run_id = new_run()
    post("runs/log-inputs", run_id=run_id, models=[{"model_id": "m-b"}, {"model_id": "m-a"}])
    post("runs/log-inputs", run_id=run_id, models=[{"model_id": "m-b"}])
    post("runs/outputs", run_id=run_id, models=[{"model_id": "m-c", "step": 3}])
    told = run(run_id)
    assert told["inputs"] == {"model_inputs": [{"model_id": "m-a"}, {"model_id": "m-b"}]}
    assert told["outputs"] == {"model_outputs": [{"model_id": "m-c", "step": 3}]}


def test_a_model_is_given_out_once():
    run_id = new_run()
    post("runs/outputs", run_id=run_id, models=[{"model_id": "m-a"}])
    for models in ([{"model_id": "m-a"}], [{"model_id": "m-b"}, {"model_id": "m-b"}]):
        assert refused("runs/outputs", run_id=run_id, models=models)[0] == 400
    assert len(run(run_id)["outputs"]["model_outputs"]) == 1


def test_outputs_need_a_run_and_models():
    assert refused("runs/outputs", run_id=new_run()) == INVALID
    assert refused("runs/outputs", models=[]) == INVALID
    assert refused("runs/outputs", run_id="nobody", models=[]) == MISSING


def described(**fields: Any) -> str:
    return json.dumps(
        {"run_id": "r", "artifact_path": "m", "utc_time_created": "t", "flavors": {"f": {"a": 1, "config": 2}}} | fields
    )


def test_older_clients_find_the_models_of_a_run_in_a_tag():
    run_id = new_run()
    for name in ("one", "two"):
        post("runs/log-model", run_id=run_id, model_json=described(artifact_path=name, model_uuid="u"))
    history = json.loads(tags(run_id)["mlflow.log-model.history"])
    assert [entry["artifact_path"] for entry in history] == ["one", "two"]
    assert history[0]["flavors"] == {"f": {"a": 1}}


@pytest.mark.parametrize("text", ["", "x", "[]", "5", "{}", '{"flavors": {}}', '{"flavors": 5}', "[" * 5000])
def test_a_model_is_described_by_an_object(text):
    assert refused("runs/log-model", run_id=new_run(), model_json=text) == INVALID


def test_the_files_of_a_model_are_listed_and_read():
    model_id = new_model()
    for path in ("MLmodel", "data/model.pkl"):
        address = f"/api/2.0/mlflow-artifacts/artifacts/0/models/{model_id}/artifacts/{path}"
        assert api.send("PUT", address, b"x").status == 200
    listed = get(f"logged-models/{model_id}/artifacts/directories", artifact_directory_path="data")
    assert listed["files"] == [{"path": "data/model.pkl", "is_dir": False, "file_size": 1}]
    address = f"/ajax-api/2.0/mlflow/logged-models/{model_id}/artifacts/files"
    assert b"".join(api.client.get(f"{address}?artifact_file_path=MLmodel")) == b"x"
    assert spoken(api.get(address)) == INVALID


@pytest.fixture
def three() -> dict[str, str]:
    """Models a, b and c with params, tags and scores that rise."""
    ids = {}
    run_id = new_run()
    for number, name in enumerate("abc"):
        ids[name] = new_model(
            name=name, params=[{"key": "lr", "value": f"0.{number}"}], tags=[{"key": "team", "value": f"Team {name}"}]
        )
        LoggedModel.objects.filter(name=name).update(creation_time=1000 + number)
        score(run_id, ids[name], number, dataset_name=f"data-{name}", dataset_digest="d")
    return ids


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "cba"),
        ("name = 'a'", "a"),
        ("name LIKE '%b%' AND params.lr = '0.1'", "b"),
        ("tags.team ILIKE 'team%' AND metrics.acc >= 1", "cb"),
        ("metrics.acc > 0 AND metrics.acc < 2", "b"),
        ("creation_timestamp >= 1001", "cb"),
        ("attributes.creation_time = 1000", "a"),
        ("model_type != 'x' AND name IN ('a', 'c')", "ca"),
        ("params.`lr` = '0.2'", "c"),
        ("metrics.nothing > 0", ""),
    ],
)
def test_a_filter_finds_models(text, names):
    assert found(filter=text) == list(names)


@pytest.mark.parametrize("text", ["nothing = 'a'", "name > 'a'", "name = 'a' NAND", "runs.x = 'a'", "name ="])
def test_a_filter_that_makes_no_sense_is_refused(text):
    assert refused("logged-models/search", experiment_ids=["0"], filter=text) == INVALID


@pytest.mark.usefixtures("three")
def test_models_are_found_by_the_data_that_they_were_tried_on():
    assert found(datasets=[{"dataset_name": "data-a"}, {"dataset_name": "data-b", "dataset_digest": "d"}]) == ["b", "a"]
    assert found(datasets=[{"dataset_name": "data-a", "dataset_digest": "other"}]) == []
    assert found(filter="metrics.acc >= 0", datasets=[{"dataset_name": "data-c"}]) == ["c"]
    assert refused("logged-models/search", experiment_ids=["0"], datasets=[{}]) == INVALID


@pytest.mark.usefixtures("three")
def test_models_are_sorted_by_attributes_and_by_metrics():
    new_model(name="d")
    assert found(order_by=[{"field_name": "metrics.acc", "ascending": False}]) == ["c", "b", "a", "d"]
    assert found(order_by=[{"field_name": "metrics.acc"}]) == ["a", "b", "c", "d"]
    assert found(order_by=[{"field_name": "name", "ascending": True}]) == list("abcd")
    on_data = {"field_name": "metrics.acc", "dataset_name": "data-b", "dataset_digest": "d"}
    assert found(order_by=[on_data])[0] == "b"


@pytest.mark.parametrize("field", ["nothing", "params.lr", "metrics.", ""])
def test_an_order_that_makes_no_sense_is_refused(field):
    assert refused("logged-models/search", experiment_ids=["0"], order_by=[{"field_name": field}]) == INVALID


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("order", [[], [{"field_name": "metrics.acc", "ascending": False}]])
def test_pages_follow_each_other(order):
    token, names = "", []
    while token is not None:
        more = {"page_token": token} if token else {}
        body = post("logged-models/search", experiment_ids=["0"], max_results=1, order_by=order, **more)
        names += [item["info"]["name"] for item in body["models"]]
        token = body.get("next_page_token")
    assert names == ["c", "b", "a"]


def test_a_page_token_that_is_not_ours_is_refused():
    assert refused("logged-models/search", experiment_ids=["0"], page_token="x") == INVALID


def test_models_of_other_experiments_are_not_found():
    new_model(name="a")
    assert found(str(make_experiment().pk)) == []
    assert post("logged-models/search", experiment_ids=[]) == {}
    assert refused("logged-models/search") == INVALID


def test_a_run_that_is_deleted_for_good_takes_its_scores_along_and_leaves_the_model():

    run_id, model_id = new_run(), new_model()
    score(run_id, model_id)
    post("runs/outputs", run_id=run_id, models=[{"model_id": model_id}])
    Run.objects.by_id(run_id).trash()
    purging.Purge.everything().mark()
    purging.sweep()
    assert not Run.objects.exists()
    assert "metrics" not in model(model_id)["data"]


def test_an_experiment_that_is_deleted_for_good_takes_its_models_and_their_files_along():

    experiment = make_experiment()
    model_id = new_model(experiment_id=str(experiment.pk), params=[{"key": "a", "value": "1"}])
    api.send("PUT", f"/api/2.0/mlflow-artifacts/artifacts/{experiment.pk}/models/{model_id}/artifacts/a", b"x")
    experiment.trash()
    purging.Purge.everything().mark()
    assert not_got(f"logged-models/{model_id}") == MISSING
    purging.sweep()
    assert not LoggedModel.objects.exists()
    assert not Blob.objects.exists()


def test_content_that_only_a_model_has_is_in_use_and_is_missed_by_name():
    model_id = new_model()
    api.send("PUT", f"/api/2.0/mlflow-artifacts/artifacts/0/models/{model_id}/artifacts/MLmodel", b"x")
    assert store.drop_unused() == 0
    (blob,) = Blob.objects.with_uses()
    assert blob.uses == 1
    blob_storage().delete(store.name_of(blob.sha256))
    (finding,) = files.contents(Scope(quick=False))
    assert f"It is 'MLmodel' of model {model_id}." in finding.what
