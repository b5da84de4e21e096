"""What a real MLflow wrote comes in, and what goes out is the same to a real MLflow, entity by entity."""

import io
import json
import os
import re
import string
import subprocess
import sys
import uuid
from functools import partial
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from experiments.models import Experiment
from runs.models import Run
from tests.factories import NOON, make_experiment, make_run
from tests.importing.conftest import Done, series
from tests.importing.eras import MlrunsFolder, append, write
from tests.mlflow.environment import CURRENT, IN_BETWEEN, python_of

HERE = Path(__file__).parent


class Reader:
    """A process that reads stores with a real MLflow."""

    def __init__(self, python):
        self.process = subprocess.Popen(
            [python, HERE / "reader.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, env=clean_environment(),
        )  # fmt: skip

    def read(self, folder):
        self.process.stdin.write(f"{folder}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(120)


def clean_environment():
    return {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}


@pytest.fixture(scope="module")
def reader(mlflow_python):
    running = Reader(mlflow_python)
    yield running
    running.close()


def written_with(python, script, uri, cwd):
    """Let a real MLflow log to a store."""
    subprocess.run([python, HERE / script, uri], check=True, cwd=cwd, env=clean_environment(), capture_output=True)


def exported(folder, **options):
    call_command("export_mlruns", str(folder), **options, stdout=io.StringIO(), stderr=io.StringIO())
    return folder


@pytest.fixture(params=[*IN_BETWEEN, "current"])
def any_python(request):
    """A Python with the MLflow of some age."""
    return python_of(IN_BETWEEN.get(request.param, CURRENT))


@pytest.mark.django_db
def test_what_goes_in_comes_out_the_same_to_a_real_mlflow(reader, any_python, tmp_path):
    store = tmp_path / "mlruns"
    written_with(any_python, "store_script.py", store.as_uri(), tmp_path)
    before = reader.read(store)
    assert Done(store).record.error == ""
    after = reader.read(exported(tmp_path / "out"))
    # 1.30 moves an experiment to .trash and leaves its meta.yaml as it was, which MLflow of today takes for active.
    for name in before.keys() - {"Default (active)", "old (active)"}:
        assert after[name] == before[name]
    assert "old (deleted)" in after
    assert len(after["digits (active)"]["runs"]) == 3


def is_key(key):
    plain = os.path.normpath(key) == key and not key.startswith(("/", "."))
    return plain and not re.search(r"(^|/)\s|\s(/|$)", key)


WORD = st.text(string.ascii_letters + string.digits + "_.- é/", min_size=1, max_size=12).filter(is_key)
#: SQLite keeps no sign of a zero: -0.0 and 0.0 are equal.
VALUES = st.floats(allow_nan=False).map(lambda value: value + 0.0) | st.just(float("nan"))
POINT = st.tuples(st.integers(10**11, 2**53), VALUES, st.integers(-(2**40), 2**40))
RUN = st.fixed_dictionaries({
    "params": st.dictionaries(WORD, st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20), max_size=4),
    "tags": st.dictionaries(WORD, st.text(string.printable, max_size=20), max_size=4),
    "metrics": st.dictionaries(WORD, st.lists(POINT, min_size=1), max_size=4),
    "files": st.dictionaries(WORD, st.binary(max_size=20), max_size=3),
    "status": st.integers(1, 5),
})  # fmt: skip


class GeneratedFolders(TestCase):
    """Folders that nobody thought of."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = Reader(python_of(CURRENT))

    @classmethod
    def tearDownClass(cls):
        cls.reader.close()
        super().tearDownClass()

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path):
        self.tmp_path = tmp_path

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(runs=st.lists(RUN, min_size=1, max_size=3))
    def test_a_folder_comes_out_as_it_went_in(self, runs):
        root = self.tmp_path / uuid.uuid4().hex
        store = MlrunsFolder(root / "in")
        experiment = store.experiment("1", "generated")
        for number, content in enumerate(runs):
            write_run(store, store.run(experiment, f"{number:032x}", status=content["status"]), content)
        before = self.reader.read(root / "in")
        Done(root / "in")
        after = self.reader.read(exported(root / "out"))
        assert after["generated (active)"] == before["generated (active)"]


def write_run(store, run, content):
    without = partial(without_clashes, content)
    store.tag(run, "mlflow.runName", "first")
    for key, value in without("params").items():
        store.param(run, key, value)
    for key, value in without("tags").items():
        store.tag(run, key, value)
    for key, found in without("metrics").items():
        append(run / "metrics" / key, "".join(f"{time} {value} {step}\n" for time, value, step in found))
    for path, value in without("files").items():
        write(run / "artifacts" / path, value)


def without_clashes(content, part):
    """What a file system can hold: no key is a folder of another."""
    found = content[part]
    folders = {"/".join(key.split("/")[:end]) for key in found for end in range(1, key.count("/") + 1)}
    return {key: value for key, value in found.items() if key not in folders}


@pytest.mark.django_db
def test_keys_that_a_file_system_cannot_hold_come_out_and_in_again(reader, tmp_path):
    keys = {
        "val": 1.0,
        "val/loss": 2.0,
        "Loss": 3.0,
        "loss": 4.0,
        "aux": 5.0,
        "gpu:0": 6.0,
        "loss (train)": 7.0,
        "a//b": 8.0,
    }
    run = make_run(make_experiment("clashes"), run_id="a1", metrics=keys, params={key: key for key in keys})
    told = reader.read(exported(tmp_path / "out", portable=True))["clashes (active)"]["runs"]["a1"]
    assert len(told["points"]) == len(told["params"]) == len(keys)
    names = [name.casefold() for name in told["points"]]
    assert len(set(names)) == len(names)
    Run.objects.filter(pk=run.pk).update(run_id="other")
    Done(tmp_path / "out")
    again = Run.objects.by_id("a1")
    assert dict(again.metrics.values_list("key", "last")) == keys
    assert dict(again.params.values_list("key", "value")) == {key: key for key in keys}


@pytest.mark.django_db
def test_a_real_database_comes_in_whole(reader, mlflow_python, tmp_path):
    address = f"sqlite:///{tmp_path}/mlflow.db"
    written_with(mlflow_python, "store_script.py", address, tmp_path)
    before = reader.read(address)["digits (active)"]
    Done(tmp_path / "mlflow.db")
    after = reader.read(exported(tmp_path / "out"))["digits (active)"]
    # The database has infinity as the largest number of all.
    assert json.loads(json.dumps(before).replace(str(sys.float_info.max), "inf")) == after


@pytest.mark.django_db
def test_what_a_real_0_4_1_wrote_comes_in(oldest_python, tmp_path):
    written_with(oldest_python, "oldest_store_script.py", str(tmp_path / "mlruns"), tmp_path)
    Done(tmp_path / "mlruns")
    run = Experiment.objects.named("digits").runs.get()
    assert (run.name, run.status, run.source_name, run.git_commit) == ("Run 0", "FINISHED", "train.py", "4f2a")
    assert list(run.params.values_list("key", "value")) == [("lr", "0.1")]
    points = series(run.run_id, "loss")
    assert sorted((value for *_, value in points), reverse=True) == [1 / (step + 1) for step in range(20)]
    assert all(run.start_time - 1000 <= time <= run.end_time for _, time, _ in points)
    assert list(run.artifacts.values_list("path", "blob__size")) == [("texts/notes.txt", 5)]


@pytest.mark.django_db
def test_0_4_1_goes_through_us_to_where_mlflow_of_today_opens_it(reader, tmp_path):
    store = MlrunsFolder(tmp_path / "mlruns", "0.4.1")
    run = store.run(store.experiment("1", "old"), "a" * 32)
    store.param(run, "lr", "0.1")
    store.point(run, "loss", 0.5)
    assert "error" in reader.read(store.root)
    Done(store.root)
    told = reader.read(exported(tmp_path / "out"))["old (active)"]["runs"]["a" * 32]
    assert told["params"] == {"lr": "0.1"}
    assert told["points"] == {"loss": [[0, NOON, "0.5"]]}
    assert told["info"][:4] == ["Run 1", "FINISHED", NOON, NOON + 60_000]
    assert Experiment.objects.named("old") is not None
    assert series("a" * 32, "loss") == [(0, NOON, 0.5)]


@pytest.mark.django_db
def test_a_running_server_comes_in_whole_and_again_only_what_is_new(reader, mlflow_python, new_mlflow_server, tmp_path):
    written_with(mlflow_python, "store_script.py", new_mlflow_server, tmp_path)
    done = Done(new_mlflow_server)
    assert (done.record.error, done.reasons("refusal")) == ("", [])
    before, after = reader.read(new_mlflow_server), reader.read(exported(tmp_path / "out"))
    # The server's database has infinity as the largest number of all.
    before = json.loads(json.dumps(before).replace(str(sys.float_info.max), "inf"))
    for run_id, run in before["digits (active)"]["runs"].items():
        assert after["digits (active)"]["runs"][run_id] == run
    assert after["digits (active)"]["models"] == before["digits (active)"]["models"]
    assert "old (deleted)" in after
    again = Done(new_mlflow_server)
    assert again.counts.get("points", 0) == again.counts.get("files", 0) == again.counts.get("new_runs", 0) == 0
