"""Run by the Python of a real MLflow, old or new: logs what there is to log to the store that is named."""

import os
import sys

os.environ |= {"MLFLOW_ALLOW_FILE_STORE": "true", "MLFLOW_DISABLE_TELEMETRY": "true"}

import mlflow
from mlflow.tracking import MlflowClient

mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment("digits")
with mlflow.start_run(run_name="first") as run:
    mlflow.log_params({"lr": 0.1, "net/depth": 3})
    mlflow.set_tags({"team": "vision", "mlflow.note.content": "What we *tried*"})
    for step in range(20):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    for value in (float("nan"), float("inf"), 0.1 + 0.2):
        mlflow.log_metric("val/odd", value)
    with open("notes.txt", "w") as notes:
        notes.write("hello")
    mlflow.log_artifact("notes.txt", "texts")
    with mlflow.start_run(nested=True):
        mlflow.log_metric("x", 1)
if hasattr(mlflow, "log_input"):
    with mlflow.start_run(run_id=run.info.run_id):
        import numpy

        data = mlflow.data.from_numpy(numpy.zeros((3, 2)), name="train-set")
        mlflow.log_input(data, context="training")
        if hasattr(mlflow, "initialize_logged_model"):
            model = mlflow.initialize_logged_model(name="net", params={"depth": "3"}, tags={"k": "v"})
            mlflow.log_metric("acc", 0.9, step=7, model_id=model.model_id)
            mlflow.finalize_logged_model(model.model_id, "READY")
            MlflowClient().log_outputs(run.info.run_id, [mlflow.entities.LoggedModelOutput(model.model_id, 3)])
with mlflow.start_run(run_name="gone") as gone:
    mlflow.log_metric("x", 2)
client = MlflowClient()
client.delete_run(gone.info.run_id)
if hasattr(client, "set_registered_model_alias"):
    client.create_registered_model("net", tags={"team": "red"}, description="What it is")
    for number in "123":
        client.create_model_version("net", f"s3://bucket/{number}", tags={"n": number}, description=number)
    client.set_registered_model_alias("net", "champion", "2")
    client.transition_model_version_stage("net", "1", "Production")
    client.delete_model_version("net", "3")
old = mlflow.create_experiment("old")
client.create_run(old)
client.delete_experiment(old)
