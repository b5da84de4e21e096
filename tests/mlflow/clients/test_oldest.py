"""The oldest client that runs on this Python, 0.4.1 of August 2018, logs and reads."""


def test_a_run_is_logged_and_read_again(old_script):
    told = old_script("""
        import mlflow, mlflow.tracking
        experiment = mlflow.create_experiment("made in 2018")
        with mlflow.start_run(experiment_id=experiment, source_version="abc"):
            mlflow.log_param("lr", 0.1)
            for value in (0.5, 0.25):
                mlflow.log_metric("loss", value)
            id = mlflow.active_run().info.run_uuid
        store = mlflow.tracking._get_store()
        run = store.get_run(id)
        told["params"] = [(p.key, p.value) for p in run.data.params]
        told["metrics"] = [(m.key, m.value) for m in run.data.metrics]
        told["version"], told["status"] = run.info.source_version, run.info.status
        told["history"] = store.get_metric_history(id, "loss")
        told["one"] = store.get_metric(id, "loss").value, store.get_param(id, "lr").value
        told["experiments"] = [item.name for item in store.list_experiments()]
        told["experiment"] = store.get_experiment(experiment).name
    """)
    assert told["params"] == [["lr", "0.1"]]
    assert told["metrics"] == [["loss", 0.25]]
    assert (told["version"], told["status"]) == ("abc", 3)
    assert told["history"] == [0.5, 0.25]
    assert told["one"] == [0.25, "0.1"]
    assert {"Default", "made in 2018"} <= set(told["experiments"])
    assert told["experiment"] == "made in 2018"


def test_a_run_goes_on_under_its_id(old_script):
    told = old_script("""
        import mlflow, mlflow.tracking
        with mlflow.start_run():
            id = mlflow.active_run().info.run_uuid
        with mlflow.start_run(run_uuid=id):
            mlflow.log_metric("later", 1)
        told["metrics"] = [m.key for m in mlflow.tracking._get_store().get_run(id).data.metrics]
    """)
    assert told["metrics"] == ["later"]
