"""Measures us beside a real MLflow server, both asked in MLflow's protocol. `make bench-mlflow` prints the table."""
