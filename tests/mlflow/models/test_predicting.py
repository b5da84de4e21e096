"""The same files, scored by `mlflow models predict` and by us: equal where MLflow can read them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.mlflow.models.serving import saved
from tests.mlflow.models.serving.requests import ASKED, CSV, JSON
from tests.server import ROOT
from tracker import batch, models
from tracker.errors import TrackerError

FLOWERS = "a,b,c,d\n" + "".join(f"{row}.5,{row % 5}.5,{row % 7}.25,0.{row}\n" for row in range(9))
TABLES = {
    **dict.fromkeys(("iris", "untyped", "names", "regression", "arrays", "plain"), FLOWERS),
    "forest": "a,b,c,d\n" + "".join(f"{row},0.5,1.25,0.5\n" for row in range(9)),
    "plain of several types": "a,b,c,d,e\n1,x,True,,2026-11-29\n2.5,7,False,,\n3,,,,x\n",
    "plain of quoted fields": 'a,b\n"1","x, y\nz"\n2,"say ""so"""\n',
    "plain of large numbers": "a,b\n9223372036854775807,0.1\n1,1e400\n-5,0.30000000000000004\n",
    "iris with another column": "id," + FLOWERS.replace("\n", "\n1,").removesuffix("1,"),
    "iris in another order": "d,c,b,a\n1.5,2.5,3.5,4.5\n",
    "iris without a column": "a,b,c\n1,2,3\n",
    "iris of whole numbers": "a,b,c,d\n1,2,3,4\n",
    "iris with a gap": "a,b,c,d\n1.5,,3.5,4.5\n",
}
FILES = {f"csv: {name}": (name.split(" ", 1)[0], "csv", text.encode()) for name, text in TABLES.items()}
FILES |= {name: (model, "json", body) for name, (model, kind, body) in ASKED.items() if kind == JSON}
FILES |= {name: (model, "csv", body) for name, (model, kind, body) in ASKED.items() if kind == CSV}
#: Of CSV, the types of the signature count with us: texts that look like numbers, and whole numbers for doubles.
BY_SIGNATURE = {"types", "text", "one", "unnamed", "params"}
#: What we read and MLflow does not, though its server does: UTF-16, and a mark of byte order.
READ_BY_US = {"iris: UTF-16", "iris: a mark of order"}


class Scored:
    """What MLflow made of each file, and ours when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.loaded = folder, {}

    def place(self, number, ending):
        return self.folder / f"{number}.{ending}"

    def theirs(self, number):
        whole = self.place(number, "theirs.whole")
        return self.place(number, "theirs").read_bytes() if whole.exists() else None

    def ours(self, number, model, kind, **options):
        if model not in self.loaded:
            self.loaded[model] = models.load_model(self.folder / "models" / model, allow_pickle=True)
        target = self.place(number, "json")
        try:
            batch.score(self.loaded[model], self.place(number, kind), target, **{"chunk_rows": 100} | options)
        except TrackerError:
            return None
        return target.read_bytes()


@pytest.fixture(scope="module")
def scored(mlflow_python, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scored")
    saved.save_all(folder / "models")
    found, jobs = Scored(folder), []
    for number, (model, kind, body) in enumerate(FILES.values()):
        found.place(number, kind).write_bytes(body)
        jobs.append([folder / "models" / model, found.place(number, kind), found.place(number, "theirs"), kind])
    (folder / "jobs.json").write_text(json.dumps(jobs, default=str))
    environment = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONPATH": str(ROOT)}
    script = [mlflow_python, "-m", "tests.mlflow.models.predict_script", folder / "jobs.json"]
    done = subprocess.run(script, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return found


@pytest.mark.parametrize("name", list(FILES))
def test_the_same_predictions_are_written(scored, name):
    number, (model, kind, _) = list(FILES).index(name), FILES[name]
    theirs, ours = scored.theirs(number), scored.ours(number, model, kind)
    if kind == "csv" and (theirs is None or model in BY_SIGNATURE):
        pytest.skip("The signature's types count, which MLflow does not look at for CSV.")
    assert ours == theirs or (theirs is None and name in READ_BY_US)


@pytest.mark.parametrize("name", [f"csv: {name}" for name in TABLES if not name.startswith("plain")])
@pytest.mark.parametrize("rows", [1, 2, 4])
def test_pieces_make_no_difference(scored, name, rows):
    number, (model, kind, _) = list(FILES).index(name), FILES[name]
    theirs = scored.theirs(number)
    if theirs is not None:
        found = json.loads(scored.ours(number, model, kind, chunk_rows=rows))["predictions"]
        # Sums of few rows are rounded otherwise than those of many.
        wanted = json.loads(theirs)["predictions"]
        assert found == wanted or np.allclose(found, wanted, rtol=1e-14, atol=0)


@pytest.mark.parametrize("model", ["iris", "names", "forest"])
def test_csv_holds_what_their_json_holds(scored, model, tmp_path):
    number = list(FILES).index(f"csv: {model}")
    scored.ours(number, model, "csv")
    batch.score(scored.loaded[model], scored.place(number, "csv"), tmp_path / "made.csv", chunk_rows=4)
    assert list(pd.read_csv(tmp_path / "made.csv")["prediction"]) == json.loads(scored.theirs(number))["predictions"]


def test_most_files_can_be_read_by_mlflow(scored):
    read = [name for number, name in enumerate(FILES) if scored.theirs(number) is not None]
    assert len([name for name in read if FILES[name][1] == "csv"]) >= 12
    assert len(read) >= 300


def test_the_commands_write_the_same(scored, mlflow_python, tmp_path):
    words = ["models", "predict", "-m", scored.folder / "models/iris", "-t", "csv"]
    source = scored.place(list(FILES).index("csv: iris"), "csv")
    told = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONPATH": str(ROOT)}
    theirs = [mlflow_python, "-m", "mlflow", *words, "--env-manager", "local", "-i", source, "-o", tmp_path / "theirs"]
    subprocess.run(theirs, check=True, env=told, capture_output=True, timeout=600)
    ours = [sys.executable, "-m", "tracker", *words, "--allow-pickle", "-i", source, "-o", tmp_path / "ours.json"]
    subprocess.run(ours, check=True, env=told, cwd=ROOT, capture_output=True, timeout=600)
    assert (tmp_path / "ours.json").read_bytes() == (tmp_path / "theirs").read_bytes()
