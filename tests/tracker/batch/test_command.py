import subprocess
import sys

import pytest

from tests.server import ROOT
from tests.tracker.batch.conftest import HERE
from tracker import models


@pytest.fixture
def run(tmp_path):
    models.save_model(HERE / "seen.py", tmp_path / "model", signature=False, requirements=[])

    def run(*words, text=""):
        command = [sys.executable, "-m", "tracker", "models", "predict", "-m", "model", *words]
        told = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin"}
        return subprocess.run(command, cwd=tmp_path, input=text, capture_output=True, text=True, env=told)

    return run


def test_a_file_is_scored(run, tmp_path):
    (tmp_path / "rows.csv").write_text("a\n1\n2\n")
    done = run("--allow-pickle", "-i", "rows.csv", "-o", "made.json")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "made.json").read_text() == '{"predictions": ["a:int64:1", "a:int64:2"]}'
    assert "tracker: 2 rows scored to made.json" in done.stderr


def test_it_reads_and_writes_the_standard_streams(run):
    done = run("--allow-pickle", "-t", "csv", text="a\n1\n")
    assert (done.returncode, done.stdout) == (0, "prediction\na:int64:1\n")


def test_a_bad_row_ends_with_2_and_its_number(run):
    done = run("--allow-pickle", "-t", "csv", text="a\n1\n-999\n")
    assert (done.returncode, done.stderr) == (2, "tracker: standard input, row 2: RuntimeError: that row is bad\n")


def test_params_have_to_be_an_object(run):
    done = run("--params", "[1]", text="a\n1\n")
    assert (done.returncode, "is no object" in done.stderr) == (2, True)


def test_code_of_a_model_runs_only_when_allowed(run):
    done = run("-t", "csv", text="a\n1\n")
    assert (done.returncode, "--allow-pickle" in done.stderr) == (1, True)
