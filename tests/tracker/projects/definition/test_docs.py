"""The page of the file says what is so."""

import re

import yaml

from tests.server import ROOT
from tracker.projects.definition.entry_points import EntryPoint

PAGE = (ROOT / "docs/mlproject.md").read_text()


def test_the_examples_are_projects(project):
    first, docker = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    made = project(first, python_env__yaml="", data__csv="")
    assert (made.environment.kind, list(made.entry_points)) == ("python", ["main", "check"])
    entry = made.entry_point("main")
    assert entry.line({"alpha": "1"}, made.folder).command.startswith("python train.py 1 --l1 0.1 --data /")
    assert yaml.safe_load(docker).keys() == {"docker_env"}
    assert project(docker).environment.docker is not None


def test_all_signs_that_are_plain_are_taken_in_a_comment():
    (signs,) = re.findall(r"letters, digits and `(.*?)`", PAGE)
    entry = EntryPoint("main", {}, "true #")
    assert entry.line({"x": f"aZ09{signs}"}, ROOT).command == f"true # --x aZ09{signs}"
