import subprocess
import sys

import pytest
from click.testing import CliRunner

from tests.server import ROOT
from tests.tracker.batch.conftest import HERE
from tracker import models
from tracker.command import commands
from tracker.errors import InvalidValue, UnsafeModel


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    place = tmp_path_factory.mktemp("command") / "model"
    models.save_model(HERE / "seen.py", place, signature=False, requirements=[])
    return place


def invoke(saved, *words, text="a\n1\n"):
    return CliRunner().invoke(commands, ["models", "predict", "-m", str(saved), *map(str, words)], input=text)


def test_a_file_is_scored(saved, tmp_path, capfd):
    (tmp_path / "rows.csv").write_text("a\n1\n2\n")
    invoke(saved, "--allow-pickle", "-i", tmp_path / "rows.csv", "-o", tmp_path / "made.json")
    assert (tmp_path / "made.json").read_text() == '{"predictions": ["a:int64:1", "a:int64:2"]}'
    assert f"tracker: 2 rows scored to {tmp_path}/made.json" in capfd.readouterr().err


def test_it_reads_and_writes_the_standard_streams(saved):
    command = [sys.executable, "-m", "tracker", "models", "predict", "-m", saved, "--allow-pickle", "-t", "csv"]
    done = subprocess.run(command, cwd=ROOT, input=b"a\n1\n-999\n", capture_output=True)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"tracker: standard input, row 2: RuntimeError: that row is bad\n"
    assert invoke(saved, "--allow-pickle", "-t", "csv").stdout == "prediction\na:int64:1\n"


@pytest.mark.parametrize("params", ["[1]", "{"])
def test_params_have_to_be_an_object(saved, params):
    assert isinstance(invoke(saved, "--params", params).exception, InvalidValue)


def test_code_of_a_model_runs_only_when_allowed(saved):
    assert isinstance(invoke(saved, "-t", "csv").exception, UnsafeModel)
