"""The projects in examples/ run, and those of docs/projects.md's walk."""

import re
import subprocess
import sys

import pytest

from tests.server import ROOT
from tests.tracker.projects.running.conftest import run_id_in

pytestmark = pytest.mark.slow
EXAMPLES = ROOT / "examples/projects"


def test_digits_has_two_entry_points(ended):
    run = ended(str(EXAMPLES / "digits"), "-P", "c=10", "--experiment", "digits-project")
    assert run["status"] == "FINISHED", run["done"].stderr
    assert run["params"] == {"c": "10", "kernel": "rbf"}
    assert run["metrics"]["accuracy"]["last"] > 0.95
    assert run["environment"]["project"]["folder"] == "examples/projects/digits"
    forest = ended(str(EXAMPLES / "digits"), "-e", "forest", "-P", "trees=20")
    assert forest["metrics"]["accuracy"]["last"] > 0.9


def test_steps_are_children_of_their_project(ended, stored):
    run = ended(str(EXAMPLES / "steps"), "-P", "depths=2 4", "--experiment", "steps-project")
    assert run["status"] == "FINISHED", run["done"].stderr
    names = [one["name"] for one in stored.named("steps-project") if one["parent_run_id"] == run["run_id"]]
    assert names == ["prepare", "depth 2", "depth 4"]


def test_wine_runs_in_an_environment_of_its_own(projects, stored, tmp_path):
    environment = projects.environment(XDG_CACHE_HOME=str(tmp_path / "cache"), TRACKER_CAPTURE="packages")
    del environment["PYTHONPATH"]
    done = subprocess.run(
        [sys.executable, "-m", "tracker", "run", str(EXAMPLES / "wine"), "--env-manager", "uv"], env=environment,
        cwd=ROOT, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    run = stored.run(run_id_in(done.stderr))
    assert run["tags"]["mlflow.project.env"] == "uv"
    assert run["tags"]["scikit-learn"] == run["environment"]["packages"]["scikit-learn"] == "1.7.2"
    assert run["metrics"]["mean_accuracy"]["last"] > 0.9


def test_the_walk_of_the_documentation_goes_through(projects, stored):
    page = (ROOT / "docs/projects.md").read_text()
    walk = page.partition("## From nothing to a run")[2].partition("\n## ")[0]
    project, training, commands = re.findall(r"```(?:yaml|python|sh)\n(.*?)```", walk, re.DOTALL)
    projects.folder.joinpath("MLproject").write_text(project)
    projects.folder.joinpath("train.py").write_text(training)
    environment = projects.environment(TRACKER_CAPTURE="git")
    environment |= {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.c", "GIT_COMMITTER_NAME": "a"}
    environment |= {"GIT_COMMITTER_EMAIL": "a@b.c"}
    tracker = f'tracker() {{ "{sys.executable}" -m tracker "$@"; }}\n'
    done = subprocess.run(
        ["bash", "-e", "-c", tracker + commands], env=environment, cwd=projects.folder, capture_output=True, text=True,
        timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    runs = stored.named("circles")
    assert [run["status"] for run in runs] == ["FINISHED"] * 3
    assert runs[0]["metrics"]["pi"]["last"] == runs[2]["metrics"]["pi"]["last"]
    assert len({run["git_commit"] for run in runs} - {""}) == 1
