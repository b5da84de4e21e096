"""Copies the runs of one of our databases into one of MLflow's, whose schema it has made itself: over its protocol
50,000 runs would take most of an hour.
"""

import sqlite3
from pathlib import Path

_EXPERIMENT = """
    INSERT INTO experiments (name, artifact_location, lifecycle_stage, creation_time, last_update_time, workspace)
    VALUES (?, 'mlflow-artifacts:/seeded', 'active', 0, 0, 'default')
"""
_RUN = """
    INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time,
                      source_version, lifecycle_stage, artifact_uri, experiment_id)
    VALUES (?, ?, 'LOCAL', ?, '', ?, ?, ?, ?, '', 'active', 'mlflow-artifacts:/seeded', ?)
"""
_NAMES = "INSERT INTO tags (key, value, run_uuid) VALUES ('mlflow.runName', ?, ?)"
_RUNS = "SELECT run_id, name, source_name, user, status, start_time, end_time FROM runs_run WHERE experiment_id = 1"
_LOGGED = "FROM runs_{table} AS logged JOIN runs_run AS run ON run.id = logged.run_id WHERE run.experiment_id = 1"


def copy_runs(source: Path, target: Path, name: str) -> None:
    """Make an experiment of that name with the runs of our experiment 1, under other ids."""
    with sqlite3.connect(f"file:{source}?mode=ro", uri=True) as ours, sqlite3.connect(target, timeout=60) as theirs:
        experiment = theirs.execute(_EXPERIMENT, (name,)).lastrowid
        mark = f"{experiment:04x}"
        rows = ours.execute(_RUNS).fetchall()
        theirs.executemany(_RUN, ((mark + row[0][4:], *row[1:], experiment) for row in rows))
        theirs.executemany(_NAMES, ((row[1], mark + row[0][4:]) for row in rows))
        for table in ("param", "tag"):
            logged = ours.execute(
                f"SELECT key, value, ? || SUBSTR(run.run_id, 5) {_LOGGED.format(table=table)}", (mark,)
            )
            theirs.executemany(f"INSERT INTO {table}s (key, value, run_uuid) VALUES (?, ?, ?)", logged)
        values = f"SELECT key, last, last_time, last_step, ? || SUBSTR(run.run_id, 5) {_LOGGED.format(table='metric')}"
        for table in ("metrics", "latest_metrics"):
            theirs.executemany(
                f"INSERT INTO {table} (key, value, timestamp, step, run_uuid, is_nan) VALUES (?, ?, ?, ?, ?, 0)",
                ours.execute(values, (mark,)),
            )
