"""Run by the Python of MLflow 0.4.1: logs what that release could log to the folder that is named."""

import sys

import mlflow

mlflow.set_tracking_uri(sys.argv[1])
experiment = mlflow.create_experiment("digits")
with mlflow.start_run(experiment_id=experiment, source_name="train.py", source_version="4f2a"):
    mlflow.log_param("lr", 0.1)
    for step in range(20):
        mlflow.log_metric("loss", 1 / (step + 1))
    with open("notes.txt", "w") as notes:
        notes.write("hello")
    mlflow.log_artifact("notes.txt", "texts")
