"""Any search as a table: CSV, JSON and Parquet hold the same."""

import csv
import io
import json
import math

import pyarrow.parquet as pq
import pytest

from exporting import tables
from tests.factories import NOON, make_experiment, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def experiment():
    found = make_experiment("tables")
    make_run(found, run_id="a1", name="one", params={"lr": "0.1"}, metrics={"loss": [0.5, 0.25]}, start_time=NOON)
    make_run(
        found, run_id="b1", name='two, "quoted"\n=1+1', params={"net": "é"}, metrics={"loss": math.nan}, tags={"t": "x"}
    )
    return found


def fetch(client, kind, experiment, **query):
    answer = client.get(f"/api/v1/export/runs.{kind}", {"experiment": experiment.pk} | query)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_csv_has_a_row_a_run_and_a_column_a_key(client, experiment):
    rows = list(
        csv.DictReader(
            io.StringIO(fetch(client, "csv", experiment, order_by="attributes.run_name").decode(), newline="")
        )
    )
    assert [row["run_id"] for row in rows] == ["a1", "b1"]
    assert (rows[0]["params.lr"], rows[0]["metrics.loss"], rows[0]["tags.t"]) == ("0.1", "0.25", "")
    assert (rows[1]["name"], rows[1]["params.net"], rows[1]["metrics.loss"]) == ('two, "quoted"\n=1+1', "é", "NaN")
    assert int(rows[0]["start_time"]) == NOON


def test_json_has_an_object_a_run(client, experiment):
    found = json.loads(fetch(client, "json", experiment, order_by="attributes.run_name"))
    assert found[0]["params"] == {"lr": "0.1"}
    assert found[1]["metrics"] == {"loss": "NaN"}
    assert found[0]["experiment"] == "tables"


def test_parquet_has_numbers_as_numbers(client, experiment, monkeypatch):
    monkeypatch.setattr(tables, "CHUNK", 1)
    table = pq.read_table(io.BytesIO(fetch(client, "parquet", experiment, order_by="attributes.run_name")))
    assert table.column("metrics.loss").to_pylist()[0] == 0.25
    assert math.isnan(table.column("metrics.loss").to_pylist()[1])
    assert table.column("params.lr").to_pylist() == ["0.1", None]
    assert table.column("start_time").type == "int64"


@pytest.mark.parametrize("kind", tables.FORMATS)
def test_only_what_the_search_finds_comes(client, experiment, kind):
    content = fetch(client, kind, experiment, filter="params.lr = '0.1'")
    assert b"a1" in content
    assert b"b1" not in content


@pytest.mark.parametrize("kind", tables.FORMATS)
def test_a_search_without_hits_is_an_empty_table(client, experiment, kind):
    content = fetch(client, kind, experiment, filter="params.lr = '9'")
    if kind == "json":
        assert json.loads(content) == []
    elif kind == "csv":
        assert len(content.decode().splitlines()) == 1
    else:
        assert pq.read_table(io.BytesIO(content)).num_rows == 0


def test_a_wrong_filter_is_told(client, experiment):
    assert client.get("/api/v1/export/runs.csv", {"filter": "metrics.loss <"}).status_code == 400


def test_an_unknown_kind_is_told(client):
    answer = client.get("/api/v1/export/runs.xlsx")
    assert answer.status_code == 404
    assert "csv, json, parquet" in answer.json()["message"]


def test_points_come_as_they_were_logged(client):
    run = make_run(name="one", metrics={"loss": [0.5, math.nan], "other": [1]})
    address = f"/api/v1/export/metrics.csv?run={run.run_id}&key=loss"
    text = b"".join(client.get(address).streaming_content).decode()
    assert list(csv.reader(io.StringIO(text))) == [
        ["run_id", "run", "key", "step", "timestamp", "value"],
        [run.run_id, "one", "loss", "0", str(NOON), "0.5"],
        [run.run_id, "one", "loss", "1", str(NOON + 1000), "NaN"],
    ]
    assert client.get("/api/v1/export/metrics.csv?key=loss").status_code == 400
