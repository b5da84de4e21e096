"""Code written for MLflow runs unchanged: its fluent API, as users call it."""


def test_a_run_logs_and_is_read_again(script):
    told = script("""
        import mlflow
        mlflow.set_experiment("fluent")
        with mlflow.start_run(run_name="first", tags={"team": "a"}, description="# Note") as run:
            mlflow.log_param("lr", 0.1)
            mlflow.log_params({"depth": 3, "odd name/with.parts": "x"})
            for step in range(5):
                mlflow.log_metric("loss", 1 / (step + 1), step=step)
            mlflow.log_metrics({"acc": 0.9, "nan": float("nan"), "inf": float("inf")}, step=4)
            mlflow.set_tag("ünï", "x")
            mlflow.set_tags({"a": 1})
            mlflow.delete_tag("a")
        read = mlflow.get_run(run.info.run_id)
        told |= read.data.params
        told["status"], told["name"] = read.info.status, read.info.run_name
        told["metrics"] = {key: str(value) for key, value in read.data.metrics.items()}
        told["tags"] = read.data.tags
        told["history"] = [(m.step, m.value) for m in mlflow.MlflowClient().get_metric_history(run.info.run_id, "loss")]
        told["last"] = mlflow.last_active_run().info.run_id == run.info.run_id
    """)
    assert (told["lr"], told["depth"], told["odd name/with.parts"]) == ("0.1", "3", "x")
    assert (told["status"], told["name"], told["last"]) == ("FINISHED", "first", True)
    assert told["metrics"] == {"loss": "0.2", "acc": "0.9", "nan": "nan", "inf": "inf"}
    assert told["tags"]["mlflow.note.content"] == "# Note"
    assert told["tags"]["team"] == "a"
    assert "a" not in told["tags"]
    assert told["history"] == [[step, 1 / (step + 1)] for step in range(5)]


def test_runs_are_nested_resumed_failed_and_deleted(script):
    told = script("""
        import mlflow
        client = mlflow.MlflowClient()
        mlflow.set_experiment("lives")
        with mlflow.start_run() as parent:
            with mlflow.start_run(nested=True) as child:
                mlflow.log_param("a", 1)
        with mlflow.start_run(run_id=child.info.run_id):
            mlflow.log_metric("resumed", 1)
        try:
            with mlflow.start_run() as failed:
                raise RuntimeError
        except RuntimeError:
            pass
        told["parent"] = mlflow.get_parent_run(child.info.run_id).info.run_id == parent.info.run_id
        told["resumed"] = mlflow.get_run(child.info.run_id).data.metrics
        told["failed"] = mlflow.get_run(failed.info.run_id).info.status
        mlflow.delete_run(failed.info.run_id)
        told["deleted"] = client.get_run(failed.info.run_id).info.lifecycle_stage
        client.restore_run(failed.info.run_id)
        told["restored"] = client.get_run(failed.info.run_id).info.lifecycle_stage
        try:
            with mlflow.start_run(run_id=child.info.run_id):
                mlflow.log_param("a", 2)
        except mlflow.MlflowException as error:
            told["refusal"] = str(error)
    """)
    assert told["parent"] is True
    assert told["resumed"] == {"resumed": 1.0}
    assert (told["failed"], told["deleted"], told["restored"]) == ("FAILED", "deleted", "active")
    assert "INVALID_PARAMETER_VALUE" in told["refusal"]
    assert "'1'" in told["refusal"]
    assert "'2'" in told["refusal"]


def test_runs_are_found_as_a_table(script):
    told = script("""
        import mlflow
        mlflow.set_experiment("tables")
        for number in range(5):
            with mlflow.start_run(run_name=f"r{number}"):
                mlflow.log_metric("m", number)
                mlflow.log_param("p", "even" if number % 2 == 0 else "odd")
        table = mlflow.search_runs(filter_string="params.p = 'even' AND metrics.m > 0", order_by=["metrics.m DESC"])
        told["names"] = list(table["tags.mlflow.runName"])
        told["metrics"] = list(table["metrics.m"])
        told["all"] = len(mlflow.search_runs(search_all_experiments=True, max_results=3))
        client = mlflow.MlflowClient()
        experiment = mlflow.get_experiment_by_name("tables").experiment_id
        order = ["attributes.start_time ASC"]
        page = client.search_runs([experiment], max_results=2, order_by=order)
        rest = client.search_runs([experiment], max_results=9, order_by=order, page_token=page.token)
        told["pages"] = [run.info.run_name for run in [*page, *rest]]
    """)
    assert told["names"] == ["r4", "r2"]
    assert told["metrics"] == [4.0, 2.0]
    assert told["all"] == 3
    assert told["pages"] == ["r0", "r1", "r2", "r3", "r4"]


def test_experiments_are_made_searched_renamed_and_restored(script):
    told = script("""
        import mlflow
        client = mlflow.MlflowClient()
        made = mlflow.create_experiment("one of mine", tags={"team": "a"})
        mlflow.create_experiment("two of mine", tags={"team": "b"})
        client.set_experiment_tag(made, "k", "v")
        told["tags"] = mlflow.get_experiment(made).tags
        told["found"] = [e.name for e in mlflow.search_experiments(filter_string="tags.team = 'b'")]
        found = client.search_experiments(filter_string="name LIKE '%of mine'", order_by=["name"])
        told["sorted"] = [e.name for e in found]
        client.rename_experiment(made, "renamed")
        client.delete_experiment(made)
        told["stage"] = client.get_experiment(made).lifecycle_stage
        client.restore_experiment(made)
        told["name"] = client.get_experiment(made).name
        told["page"] = len(client.search_experiments(max_results=1))
    """)
    assert told["tags"] == {"team": "a", "k": "v"}
    assert told["found"] == ["two of mine"]
    assert told["sorted"] == ["one of mine", "two of mine"]
    assert (told["stage"], told["name"], told["page"]) == ("deleted", "renamed", 1)


def test_data_is_noted(script):
    told = script("""
        import mlflow, pandas
        mlflow.set_experiment("data")
        frame = pandas.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
        with mlflow.start_run() as run:
            data = mlflow.data.from_pandas(frame, source="here.csv", name="rows")
            mlflow.log_input(data, context="training", tags={"k": "v"})
        (used,) = mlflow.get_run(run.info.run_id).inputs.dataset_inputs
        told["name"], told["tags"] = used.dataset.name, {tag.key: tag.value for tag in used.tags}
        told["schema"] = mlflow.data.get_source(used).uri
        text = "datasets.name = 'rows' AND datasets.context = 'training'"
        told["found"] = len(mlflow.search_runs(filter_string=text))
    """)
    assert told["name"] == "rows"
    assert told["tags"] == {"mlflow.data.context": "training", "k": "v"}
    assert told["schema"] == "here.csv"
    assert told["found"] == 1


def test_points_are_logged_without_waiting(script):
    told = script("""
        import mlflow
        mlflow.set_experiment("asynchronous")
        mlflow.config.enable_async_logging(True)
        with mlflow.start_run() as run:
            for step in range(500):
                mlflow.log_metric("m", step, step=step)
            mlflow.log_params({"a": 1})
        mlflow.flush_async_logging()
        told["points"] = len(mlflow.MlflowClient().get_metric_history(run.info.run_id, "m"))
        told["params"] = mlflow.get_run(run.info.run_id).data.params
    """)
    assert told == {"points": 500, "params": {"a": "1"}}


def test_the_machine_is_watched(script):
    told = script("""
        import mlflow, time
        mlflow.set_experiment("machine")
        mlflow.set_system_metrics_sampling_interval(0.2)
        deadline = time.monotonic() + 60
        with mlflow.start_run(log_system_metrics=True) as run:
            while not mlflow.get_run(run.info.run_id).data.metrics and time.monotonic() < deadline:
                time.sleep(0.1)
        told["metrics"] = sorted(mlflow.get_run(run.info.run_id).data.metrics)
    """)
    assert "system/cpu_utilization_percentage" in told["metrics"]


def test_scikit_learn_is_logged_by_itself(script):
    told = script("""
        import mlflow
        from sklearn.datasets import load_iris
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import GridSearchCV
        mlflow.set_experiment("autolog")
        mlflow.autolog(log_datasets=True)
        rows, labels = load_iris(return_X_y=True)
        with mlflow.start_run() as run:
            GridSearchCV(LogisticRegression(max_iter=300), {"C": [0.1, 1.0]}, cv=2).fit(rows, labels)
        read = mlflow.get_run(run.info.run_id)
        told["params"], told["metrics"] = read.data.params, sorted(read.data.metrics)
        told["files"] = [item.path for item in mlflow.MlflowClient().list_artifacts(run.info.run_id)]
        told["children"] = len(mlflow.search_runs(filter_string=f"tags.mlflow.parentRunId = '{run.info.run_id}'"))
        told["data"] = [item.dataset.name for item in read.inputs.dataset_inputs]
        told["models"] = len(read.outputs.model_outputs)
    """)
    assert told["params"]["best_C"] in ("0.1", "1.0")
    assert "best_cv_score" in told["metrics"]
    assert "training_confusion_matrix.png" in told["files"]
    assert told["children"] == 2
    assert told["data"] == ["dataset"]
    assert told["models"] == 2
