"""Memory does not grow with the file: a file of 300 MB stays under the bound of one of 30 MB."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet
from sklearn.linear_model import LinearRegression

from tests.server import ROOT
from tracker import models

pytestmark = pytest.mark.slow

BOUND_BYTES = 350 * 1024**2
COLUMNS = [f"column_{place}" for place in range(10)]
CODE = """
import pathlib, re, sys
from tracker import batch, models
rows = batch.score(models.load_model(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
# Not by getrusage: that knows of the process before, too.
(peak,) = re.findall(r"VmHWM:\\s*(\\d+) kB", pathlib.Path("/proc/self/status").read_text())
print(rows, int(peak) * 1024)
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    rows = pd.DataFrame(np.random.default_rng(0).normal(size=(100, 10)), columns=COLUMNS)
    place = tmp_path_factory.mktemp("memory") / "model"
    models.save_model(LinearRegression().fit(rows, rows.sum(axis=1)), place, input_example=rows[:2], requirements=[])
    return place


def write(file, kind, megabytes):
    """A file of about so many bytes; the same rows again and again. Returns how many rows."""
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(20_000, 10)), columns=COLUMNS)
    text = {
        ".csv": frame.to_csv(index=False, header=False),
        ".jsonl": frame.to_json(orient="records", lines=True, double_precision=15),
        ".json": frame.to_json(orient="records", double_precision=15)[1:-1],
    }
    if kind == ".parquet":
        table = pa.Table.from_pandas(frame, preserve_index=False)
        times = megabytes * 1_000_000 // (20_000 * 80)
        with parquet.ParquetWriter(file, table.schema, compression=None, use_dictionary=False) as writer:
            writer.write_table(pa.concat_tables([table] * times), row_group_size=10**9)
        return times * 20_000
    times = megabytes * 1_000_000 // len(text[kind])
    begin = {".csv": ",".join(COLUMNS) + "\n", ".json": "["}.get(kind, "")
    with file.open("w") as target:
        target.write(begin)
        for number in range(times):
            target.write("," if kind == ".json" and number else "")
            target.write(text[kind])
        target.write("]" if kind == ".json" else "")
    return times * 20_000


@pytest.mark.parametrize(
    ("kind", "megabytes"),
    [
        (".csv", 300),
        *((kind, 100) for kind in (".json", ".jsonl", ".parquet")),
        *(pytest.param(kind, 300, marks=pytest.mark.long) for kind in (".json", ".jsonl", ".parquet")),
        *(pytest.param(kind, 30, marks=pytest.mark.long) for kind in (".csv", ".json", ".jsonl", ".parquet")),
    ],
)
def test_memory_stays_under_one_bound(model, tmp_path, kind, megabytes):
    source = tmp_path / f"rows{kind}"
    rows = write(source, kind, megabytes)
    assert source.stat().st_size > megabytes * 900_000
    command = [sys.executable, "-c", CODE, model, source, tmp_path / f"made{kind}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    count, peak = map(int, done.stdout.split())
    assert count == rows
    assert peak < BOUND_BYTES, f"{peak / 1e6:.0f} MB"
