"""Models that MLflow's client logs, scores, finds and loads."""


def test_a_scikit_learn_model_is_logged_and_loaded(script):
    told = script("""
        import mlflow
        from sklearn.datasets import load_iris
        from sklearn.linear_model import LogisticRegression
        mlflow.set_experiment("models")
        rows, labels = load_iris(return_X_y=True, as_frame=True)
        data = mlflow.data.from_pandas(rows, name="iris")
        model = LogisticRegression(max_iter=300).fit(rows, labels)
        with mlflow.start_run() as run:
            info = mlflow.sklearn.log_model(
                model, name="model", input_example=rows[:2], pip_requirements=["scikit-learn"],
                params={"C": 1.0}, tags={"k": "v"},
            )
            mlflow.log_metric("acc", 0.97, model_id=info.model_id, dataset=data)
        for name, uri in {"by run": f"runs:/{run.info.run_id}/model", "by id": info.model_uri}.items():
            told[name] = bool((mlflow.sklearn.load_model(uri).predict(rows) == model.predict(rows)).all())
        told["pyfunc"] = mlflow.pyfunc.load_model(info.model_uri).predict(rows[:2]).tolist()
        read = mlflow.get_logged_model(info.model_id)
        told["status"], told["params"], told["tag"] = str(read.status), read.params, read.tags["k"]
        told["score"] = [(m.key, m.value, m.dataset_name) for m in read.metrics]
        found = mlflow.search_logged_models(
            filter_string="metrics.acc > 0.9 AND params.C = '1.0'", output_format="list",
            order_by=[{"field_name": "metrics.acc", "ascending": False}], datasets=[{"dataset_name": "iris"}],
        )
        told["found"] = [item.model_id == info.model_id for item in found]
        outputs = mlflow.get_run(run.info.run_id).outputs.model_outputs
        told["outputs"] = [item.model_id == info.model_id for item in outputs]
        told["files"] = sorted(item.path for item in mlflow.MlflowClient().list_artifacts(run.info.run_id, "model"))
    """)
    assert told["by run"] is True
    assert told["by id"] is True
    assert told["pyfunc"] == [0, 0]
    assert (told["status"], told["params"], told["tag"]) == ("READY", {"C": "1.0"}, "v")
    assert told["score"] == [["acc", 0.97, "iris"]]
    assert told["found"] == told["outputs"] == [True]
    assert "model/MLmodel" in told["files"]


def test_models_live_without_a_run(script):
    told = script("""
        import mlflow
        client = mlflow.MlflowClient()
        mlflow.set_experiment("models without a run")
        model = mlflow.create_external_model(name="external", model_type="agent", params={"a": "1"})
        mlflow.set_logged_model_tags(model.model_id, {"x": "1", "y": "2"})
        mlflow.delete_logged_model_tag(model.model_id, "x")
        begun = mlflow.initialize_logged_model(name="begun")
        mlflow.log_model_params({"b": "2"}, begun.model_id)
        mlflow.finalize_logged_model(begun.model_id, "READY")
        read = [mlflow.get_logged_model(item.model_id) for item in (model, begun)]
        told["status"] = [str(item.status) for item in read]
        told["tags"] = read[0].tags.get("y"), read[0].tags.get("x")
        told["params"] = [item.params for item in read]
        told["table"] = sorted(mlflow.search_logged_models()["name"])
        client.delete_logged_model(begun.model_id)
        told["left"] = list(mlflow.search_logged_models()["name"])
        try:
            mlflow.get_logged_model(begun.model_id)
        except mlflow.MlflowException as error:
            told["error"] = error.error_code
    """)
    assert told["status"] == ["READY", "READY"]
    assert told["tags"] == ["2", None]
    assert told["params"] == [{"a": "1"}, {"b": "2"}]
    assert told["table"] == ["begun", "external"]
    assert told["left"] == ["external"]
    assert told["error"] == "RESOURCE_DOES_NOT_EXIST"


def test_a_run_takes_and_gives_models(script):
    told = script("""
        import mlflow
        from mlflow.entities import LoggedModelInput, LoggedModelOutput
        client = mlflow.MlflowClient()
        model = mlflow.create_external_model(name="m")
        with mlflow.start_run() as run:
            client.log_inputs(run.info.run_id, models=[LoggedModelInput(model.model_id)])
            client.log_outputs(run.info.run_id, models=[LoggedModelOutput(model.model_id, step=3)])
        read = client.get_run(run.info.run_id)
        told["in"] = [item.model_id == model.model_id for item in read.inputs.model_inputs]
        told["out"] = [(item.model_id == model.model_id, item.step) for item in read.outputs.model_outputs]
    """)
    assert told == {"in": [True], "out": [[True, 3]]}
