"""Series, charts and the pages of runs, beside a real MLflow server with the same runs."""
