"""Several steps: each is a run of its own, a child of this project's run."""

import sys
import tempfile
from pathlib import Path

import tracker

with tempfile.TemporaryDirectory() as folder, tracker.start_run() as run:
    table = Path(folder) / "cancer.csv"
    tracker.projects.run(".", "prepare", parameters={"table": table}, run_name="prepare")
    for depth in sys.argv[1].split():
        tracker.projects.run(".", "train", parameters={"table": table, "depth": depth}, run_name=f"depth {depth}")
    run.log({"trees": len(sys.argv[1].split())})
