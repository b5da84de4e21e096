"""What runs say of logged models (scores, inputs, outputs, files), asked of MLflow and of us."""

import json
from typing import Any

import pytest

from tests.mlflow.compare import alike, differs
from tests.mlflow.differential.logged import MODELS, model, score, tell
from tests.mlflow.speaker import API, Speaker


@alike
def test_a_score(server: Speaker):
    experiment = server.experiment()
    run, made = server.run(experiment), model(server, experiment, name="m")
    score(server, run, made)
    tell(server, made)
    server.tell(run)


@alike
def test_a_score_on_data(server: Speaker):
    experiment = server.experiment()
    run, made = server.run(experiment), model(server, experiment, name="m")
    score(server, run, made, dataset_name="digits", dataset_digest="d1")
    tell(server, made)


@alike
def test_scores_in_a_batch(server: Speaker):
    experiment = server.experiment()
    run, made = server.run(experiment), model(server, experiment, name="m")
    points = [{"key": key, "value": 1, "timestamp": 5, "step": 1, "model_id": made} for key in ("b", "a")]
    server.post("runs/log-batch", run_id=run, metrics=[*points, {"key": "c", "value": 1, "timestamp": 5}])
    tell(server, made)
    server.tell(run)


@alike
def test_a_score_twice(server: Speaker):
    experiment = server.experiment()
    run, made = server.run(experiment), model(server, experiment, name="m")
    for _ in range(2):
        score(server, run, made)
    tell(server, made)


@alike
def test_scores_in_the_order_of_logging(server: Speaker):
    experiment = server.experiment()
    run, made = server.run(experiment), model(server, experiment, name="m")
    for key, step in {"b": 3, "a": 1, "c": 2}.items():
        score(server, run, made, key=key, step=step, timestamp=step)
    server.told.append([metric["key"] for metric in tell(server, made)["model"]["data"]["metrics"]])


@pytest.mark.parametrize("half", [{"dataset_name": "d"}, {"dataset_digest": "d"}])
@alike
def test_a_score_on_half_a_dataset(server: Speaker, half):
    experiment = server.experiment()
    score(server, server.run(experiment), model(server, experiment), **half)
    server.ask(
        "POST",
        API + "runs/log-metric",
        {"run_id": server.run(experiment), "key": "a", "value": 1, "timestamp": 1} | half,
    )


@alike
def test_outputs(server: Speaker):
    run = server.run()
    server.post("runs/outputs", run_id=run, models=[{"model_id": "m-b", "step": 3}, {"model_id": "m-a"}])
    server.tell(run)
    server.post("runs/search", experiment_ids=[server.tell(run)["run"]["info"]["experiment_id"]])


@alike
def test_no_outputs(server: Speaker):
    run = server.run()
    server.post("runs/outputs", run_id=run, models=[])
    server.post("runs/outputs", run_id=run)
    server.post("runs/outputs", models=[{"model_id": "m-a"}])
    server.post("runs/outputs", run_id="nobody", models=[{"model_id": "m-a"}])


@alike
def test_inputs(server: Speaker):
    run = server.run()
    for _ in range(2):
        server.post("runs/log-inputs", run_id=run, models=[{"model_id": "m-a"}, {"model_id": "m-b"}])
    server.tell(run)


@alike
def test_outputs_of_a_trashed_run(server: Speaker):
    run = server.run()
    server.post("runs/delete", run_id=run)
    server.post("runs/outputs", run_id=run, models=[{"model_id": "m-a"}])


def description(**fields: Any) -> str:
    said = {"run_id": "r", "artifact_path": "m", "utc_time_created": "t", "model_uuid": "u", "flavors": {"f": {"a": 1}}}
    return json.dumps(said | fields)


@alike
def test_the_history_of_models(server: Speaker):
    run = server.run()
    for said in ({"artifact_path": "one"}, {"artifact_path": "two"}, {"model_uuid": None}):
        server.post("runs/log-model", run_id=run, model_json=description(**said))
    server.tell(run)


@pytest.mark.parametrize("text", ["", "x", "{}", '{"flavors": {}}'])
@alike
def test_the_history_of_what_is_no_model(server: Speaker, text):
    server.post("runs/log-model", run_id=server.run(), model_json=text)


@alike
def test_the_history_of_a_run_that_is_not_there(server: Speaker):
    server.post("runs/log-model", run_id="nobody", model_json=description())
    server.post("runs/log-model", model_json=description())


@alike
def test_files(server: Speaker):
    made = model(server, name="m")
    place = tell(server, made)["model"]["info"]["artifact_uri"].removeprefix("mlflow-artifacts:/")
    for path in ("MLmodel", "data/model.pkl"):
        server.ask("PUT", f"/api/2.0/mlflow-artifacts/artifacts/{place}/{path}", b"x", "text/plain")
    server.ask("GET", f"{MODELS}/{made}/artifacts/directories")
    server.ask("GET", f"{MODELS}/{made}/artifacts/directories?artifact_directory_path=data")
    server.ask("GET", f"/ajax-api/2.0/mlflow/logged-models/{made}/artifacts/files?artifact_file_path=MLmodel")
    server.ask("GET", f"/api/2.0/mlflow-artifacts/artifacts/{place}/data/model.pkl")


@alike
def test_no_files(server: Speaker):
    server.ask("GET", f"{MODELS}/{model(server)}/artifacts/directories")
    server.ask("GET", f"{MODELS}/m-0/artifacts/directories")
    server.ask("GET", f"{MODELS}/{model(server)}/artifacts/directories?artifact_directory_path=../x")


@differs("numbers of models that are none", theirs=0.0, ours="NaN")
def test_a_score_that_is_no_number(server: Speaker):
    experiment = server.experiment()
    run, made = server.run(experiment), model(server, experiment)
    score(server, run, made, "NaN")
    return tell(server, made)["model"]["data"]["metrics"][0]["value"]


@differs("codes of errors", theirs=(400, "BAD_REQUEST"), ours=(400, "INVALID_PARAMETER_VALUE"))
def test_a_score_of_a_model_that_is_not_there(server: Speaker):
    return score(server, server.run(), "m-nobody").outcome


@differs("codes of errors", theirs=(400, "BAD_REQUEST"), ours=(400, "RESOURCE_ALREADY_EXISTS"))
def test_outputs_again(server: Speaker):
    body = {"run_id": server.run(), "models": [{"model_id": "m-a"}]}
    server.ask("POST", API + "runs/outputs", body)
    return server.ask("POST", API + "runs/outputs", body).outcome


@differs("batches with an unknown model", theirs=["m"], ours=[])
def test_a_batch_with_a_model_that_is_not_there(server: Speaker):
    run = server.run()
    server.post(
        "runs/log-batch", run_id=run, metrics=[{"key": "m", "value": 1, "timestamp": 1, "model_id": "m-nobody"}]
    )
    return [metric["key"] for metric in server.tell(run)["run"]["data"].get("metrics", [])]


@differs("scores on other data", theirs=400, ours=200)
def test_a_score_at_the_same_step_on_other_data(server: Speaker):
    experiment = server.experiment()
    run, made = server.run(experiment), model(server, experiment)
    score(server, run, made, dataset_name="a", dataset_digest="d")
    return score(server, run, made, dataset_name="b", dataset_digest="d").status


@pytest.mark.parametrize("text", ["[]", "5"])
@differs("what breaks MLflow", theirs=500, ours=400)
def test_the_history_of_what_is_no_object(server: Speaker, text):
    return server.ask("POST", API + "runs/log-model", {"run_id": server.run(), "model_json": text}).status
