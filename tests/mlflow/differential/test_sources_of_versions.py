"""Where the files of versions may lie, asked of MLflow and of us."""

import pytest

from tests.mlflow.compare import alike, differs
from tests.mlflow.differential.registry import (
    ELSEWHERE,
    VERSIONS,
    create_version,
    logged_model,
    model,
    tell,
    tell_version,
    version,
)
from tests.mlflow.speaker import Speaker


@alike
def test_a_version_of_the_run_of_somebody(server: Speaker):
    name, run = model(server), server.run(user_id="ada")
    tell_version(server, name, version(server, name, run_id=run))


@alike
def test_create_without_a_source(server: Speaker):
    name = model(server)
    server.ask("POST", f"{VERSIONS}/create", {"name": name})
    server.ask("POST", f"{VERSIONS}/create", {"name": name, "source": ""})
    server.ask("POST", f"{VERSIONS}/create", {"source": ELSEWHERE})


@pytest.mark.parametrize(
    "source",
    [
        "s3://bucket/a/b", "gs://bucket/x", "wasbs://c@a.blob.core.windows.net/m", "dbfs:/x/y", "S3://bucket/a",
        "s3://bucket", "whatever:/x", "s3:/bucket/x",
    ],
)  # fmt: skip
@alike
def test_a_source_in_another_store(server: Speaker, source):
    name = model(server)
    if create_version(server, name, source).status == 200:
        tell_version(server, name, "1")


@pytest.mark.parametrize(
    "source",
    [
        "/etc", "etc", "./x", "file:///etc", "file:/etc/passwd", "//proc/self/root", "file://localhost/etc",
        "http://10.0.0.1/x", "https://example.com/x", "ftp://h/x", "sftp://h/x", "hdfs://h/x", "http:///#/../..",
        "mlflow-artifacts://host/0/x", "mlflow-artifacts:/0/x/artifacts", "mlflow-artifacts:/../../etc",
        "s3://bucket/../../etc", "s3://bucket/%2e%2e/%2e%2e/etc", "s3://bucket/..%252f..%252fetc",
        "s3://bucket/a%00b", "s3://bucket/x/./y", "models:/", "models:/a/b/c", "models://host/a/1", "models:/a/ ",
        "runs:/nobody/model", "runs:/", "runs://host/x", "models:/m-" + "0" * 32, "models:/nobody/1",
        "models:/nobody@a", "models:/nobody/Production", "models:/nobody/latest",
    ],
)  # fmt: skip
@alike
def test_a_source_that_can_not_be(server: Speaker, source):
    name = model(server)
    create_version(server, name, source)
    tell(server, name)


@alike
def test_a_source_below_the_run(server: Speaker):
    name, run = model(server), server.run()
    root = server.tell(run)["run"]["info"]["artifact_uri"]
    tell_version(server, name, version(server, name, f"{root}/model", run_id=run))


@alike
def test_a_source_below_another_run(server: Speaker):
    name, run, other = model(server), server.run(), server.run()
    root = server.tell(run)["run"]["info"]["artifact_uri"]
    create_version(server, name, f"{root}/model", run_id=other)
    create_version(server, name, f"{root}/model")
    create_version(server, name, f"{root}/model", run_id="nobody")
    create_version(server, name, f"{root}/../../{other}/artifacts/model", run_id=run)


@alike
def test_a_source_of_a_run(server: Speaker):
    name, run = model(server), server.run()
    tell_version(server, name, version(server, name, f"runs:/{run}/model", run_id=run))


@alike
def test_a_source_of_another_run(server: Speaker):
    name, run, other = model(server), server.run(), server.run()
    create_version(server, name, f"runs:/{run}/model", run_id=other)
    create_version(server, name, f"runs:/{run}/model")
    create_version(server, name, f"runs:/{run}/../{other}/model", run_id=run)


@alike
def test_a_source_that_is_a_logged_model(server: Speaker):
    experiment = server.experiment()
    run = server.run(experiment)
    name, made = model(server), logged_model(server, experiment, source_run_id=run)
    tell_version(server, name, version(server, name, f"models:/{made}", model_id=made))
    server.get(f"logged-models/{made}")


@alike
def test_a_logged_model_that_a_client_says_another_run_of(server: Speaker):
    experiment = server.experiment()
    source, other = server.run(experiment), server.run(experiment)
    name, made = model(server), logged_model(server, experiment, source_run_id=source)
    tell_version(server, name, version(server, name, f"models:/{made}", model_id=made, run_id=other))


@alike
def test_two_versions_of_a_logged_model(server: Speaker):
    name, other, made = model(server), model(server, " other"), logged_model(server)
    for home in (name, other, name):
        version(server, home, f"models:/{made}", model_id=made)
    server.get(f"logged-models/{made}")


@alike
def test_a_logged_model_that_is_not_named(server: Speaker):
    name, made, other = model(server), logged_model(server), logged_model(server)
    create_version(server, name, f"models:/{made}")
    create_version(server, name, f"models:/{made}", model_id=other)
    create_version(server, name, f"models:/{made}", model_id="nobody")
    create_version(server, name, ELSEWHERE, model_id="m-nobody")


@alike
def test_a_source_below_a_logged_model(server: Speaker):
    name, made, other = model(server), logged_model(server), logged_model(server)
    root = server.get(f"logged-models/{made}")["model"]["info"]["artifact_uri"]
    tell_version(server, name, version(server, name, root, model_id=made))
    create_version(server, name, root, model_id=other)
    create_version(server, name, f"{root}/../../../x", model_id=made)


@alike
def test_a_source_that_is_a_version(server: Speaker):
    name, copy, run = model(server), model(server, " copy"), server.run()
    version(server, name, run_id=run)
    tell_version(server, copy, version(server, copy, f"models:/{name}/1"))
    create_version(server, copy, f"models:/{name}/9")
    create_version(server, copy, f"models:/{name}/1", run_id="another")


@alike
def test_a_source_that_is_an_alias(server: Speaker):
    name, copy = model(server), model(server, " copy")
    version(server, name)
    server.post("registered-models/alias", name=name, alias="a", version="1")
    tell_version(server, copy, version(server, copy, f"models:/{name}@a"))
    create_version(server, copy, f"models:/{name}@nobody")


@alike
def test_a_source_that_is_a_stage(server: Speaker):
    name, copy = model(server), model(server, " copy")
    version(server, name)
    server.post("model-versions/transition-stage", name=name, version="1", stage="Production")
    tell_version(server, copy, version(server, copy, f"models:/{name}/Production"))
    create_version(server, copy, f"models:/{name}/Nonsense")


@differs("what breaks MLflow", theirs=(500, "INTERNAL_ERROR"), ours=(404, "RESOURCE_DOES_NOT_EXIST"))
def test_a_source_that_is_a_stage_without_a_version(server: Speaker):
    name = model(server)
    version(server, name)
    return create_version(server, name, f"models:/{name}/Production").outcome


@alike
def test_a_source_that_is_the_latest(server: Speaker):
    name, copy = model(server), model(server, " copy")
    version(server, name)
    version(server, name, "s3://bucket/second")
    tell_version(server, copy, version(server, copy, f"models:/{name}/latest"))


@alike
def test_the_files_of_a_version(server: Speaker):
    name, run = model(server), server.run()
    root = server.tell(run)["run"]["info"]["artifact_uri"]
    place = root.removeprefix("mlflow-artifacts:/")
    address = f"/api/2.0/mlflow-artifacts/artifacts/{place}/model/MLmodel"
    server.ask("PUT", address, b"flavors: {}\n", "application/octet-stream")
    version(server, name, f"{root}/model", run_id=run)
    for path in ("MLmodel", "nothing", "../MLmodel", "/etc/passwd", "..%2f..%2fMLmodel"):
        server.ask("GET", f"/model-versions/get-artifact?name={name.replace(' ', '+')}&version=1&path={path}")
