"""Models that MLflow's client registers, names, finds and loads."""


def test_a_model_is_registered_as_it_is_logged(script):
    told = script("""
        import mlflow
        from sklearn.datasets import load_iris
        from sklearn.linear_model import LogisticRegression
        client = mlflow.MlflowClient()
        mlflow.set_experiment("registry")
        rows, labels = load_iris(return_X_y=True)
        model = LogisticRegression(max_iter=300).fit(rows, labels)
        options = {"pip_requirements": ["scikit-learn"], "registered_model_name": "iris"}
        with mlflow.start_run() as run:
            infos = [mlflow.sklearn.log_model(model, name="model", **options) for _ in range(2)]
        told["versions"] = [int(info.registered_model_version) for info in infos]
        client.set_registered_model_alias("iris", "champion", 1)
        client.transition_model_version_stage("iris", "2", "Production", archive_existing_versions=True)
        uris = ["models:/iris/1", "models:/iris@champion", "models:/iris/Production", "models:/iris/latest"]
        same = lambda loaded: bool((loaded.predict(rows) == model.predict(rows)).all())
        told["loaded"] = [same(mlflow.pyfunc.load_model(uri)) for uri in [*uris, infos[0].model_uri]]
        told["native"] = same(mlflow.sklearn.load_model("models:/iris/2"))
        told["run"] = [item.run_id == run.info.run_id for item in client.search_model_versions("name = 'iris'")]
        told["tag"] = "mlflow.modelVersions" in mlflow.get_logged_model(infos[0].model_id).tags
    """)
    assert told["versions"] == [1, 2]
    assert told["loaded"] == [True] * 5
    assert told["native"] is True
    assert told["run"] == [True, True]
    assert told["tag"] is True


def test_a_model_of_a_run_is_registered_later(script):
    told = script("""
        import mlflow
        from sklearn.dummy import DummyClassifier
        model = DummyClassifier().fit([[0], [1]], [0, 1])
        mlflow.set_experiment("registry")
        with mlflow.start_run() as run:
            mlflow.sklearn.log_model(model, name="model", pip_requirements=["scikit-learn"])
        made = mlflow.register_model(f"runs:/{run.info.run_id}/model", "later", tags={"k": "v"})
        told["version"], told["run"] = int(made.version), made.run_id == run.info.run_id
        told["tags"] = mlflow.MlflowClient().get_model_version("later", 1).tags
        told["loaded"] = mlflow.sklearn.load_model("models:/later/1").predict([[0]]).tolist()
    """)
    assert (told["version"], told["run"], told["tags"]) == (1, True, {"k": "v"})
    assert told["loaded"] == [0]


def test_the_registry_is_kept_in_order(script):
    told = script("""
        import mlflow
        client = mlflow.MlflowClient()
        client.create_registered_model("kept", tags={"team": "keepers"}, description="first")
        for number in range(3):
            client.create_model_version("kept", f"s3://bucket/{number}", description=str(number))
        client.update_registered_model("kept", "second")
        client.update_model_version("kept", "1", "better")
        client.set_registered_model_tag("kept", "a", "1")
        client.delete_registered_model_tag("kept", "a")
        client.set_model_version_tag("kept", "2", "b", "2")
        client.set_registered_model_alias("kept", "best", "2")
        told["alias"] = client.get_model_version_by_alias("kept", "best").version
        told["aliases"] = list(client.get_model_version("kept", "2").aliases)
        told["uri"] = client.get_model_version_download_uri("kept", "2")
        copy = client.copy_model_version("models:/kept@best", "copy")
        told["copy"] = copy.source, client.get_model_version_download_uri("copy", copy.version)
        client.delete_model_version("kept", "3")
        told["left"] = sorted(item.version for item in client.search_model_versions("name = 'kept'"))
        client.rename_registered_model("kept", "renamed")
        model = client.get_registered_model("renamed")
        told["model"] = model.description, model.tags, model.aliases
        found = client.search_registered_models("tags.team = 'keepers'", order_by=["name DESC"])
        told["found"] = [item.name for item in found]
        client.delete_registered_model_alias("renamed", "best")
        client.delete_registered_model("renamed")
        try:
            client.get_registered_model("renamed")
        except mlflow.MlflowException as error:
            told["error"] = error.error_code
    """)
    assert [int(told["alias"]), told["aliases"], told["uri"]] == [2, ["best"], "s3://bucket/1"]
    assert told["copy"] == ["models:/kept/2", "s3://bucket/1"]
    assert [int(number) for number in told["left"]] == [1, 2]
    assert told["model"][:2] == ["second", {"team": "keepers"}]
    assert {alias: int(version) for alias, version in told["model"][2].items()} == {"best": 2}
    assert told["found"] == ["renamed"]
    assert told["error"] == "RESOURCE_DOES_NOT_EXIST"


def test_a_prompt_is_registered_and_read(script):
    told = script("""
        import mlflow
        mlflow.genai.register_prompt(name="greet", template="Hello {{name}}", tags={"lang": "en"})
        made = mlflow.genai.register_prompt(name="greet", template="Hi {{name}}")
        mlflow.genai.set_prompt_alias("greet", "live", made.version)
        told["text"] = mlflow.genai.load_prompt("prompts:/greet@live").format(name="you")
        found = mlflow.MlflowClient().search_registered_models()
        told["models"] = [item.name for item in found if item.name == "greet"]
    """)
    assert told == {"text": "Hi you", "models": []}
