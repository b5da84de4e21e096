"""What is written: each format, inputs beside predictions, whole files or none."""

import json

import pandas as pd
import pytest

from tracker import batch
from tracker.errors import InvalidValue

ROWS = "a\n" + "".join(f"{number}\n" for number in range(5))


def write(model, tmp_path, target, shape=None, text=ROWS, **options):
    (tmp_path / "rows.csv").write_text(text)
    params = {"shape": shape} if shape else None
    count = batch.score(model, tmp_path / "rows.csv", tmp_path / target, params=params, **{"chunk_rows": 2} | options)
    assert count == 5
    return (tmp_path / target).read_bytes()


def test_json_in_pieces_is_what_it_is_in_one(shaped, tmp_path):
    assert write(shaped, tmp_path, "a.json", "matrix", chunk_rows=5) == (
        b'{"predictions": [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]}'
    )
    assert write(shaped, tmp_path, "a.json", "records") == write(shaped, tmp_path, "a.json", "records", chunk_rows=9)


@pytest.mark.parametrize("shape", ["dictionary", "one", "fewer"])
def test_json_of_one_chunk_may_be_of_any_shape(shaped, tmp_path, shape):
    assert write(shaped, tmp_path, "a.json", shape, chunk_rows=5).startswith(b'{"predictions": ')


@pytest.mark.parametrize(("target", "rows"), [("a.json", 2), ("a.csv", 9), ("a.parquet", 9), ("a.jsonl", 9)])
@pytest.mark.parametrize("shape", ["one", "fewer"])
def test_what_is_not_one_prediction_a_row_is_refused_elsewhere(shaped, tmp_path, target, rows, shape):
    with pytest.raises(InvalidValue, match=r"The model gave .* for \d rows\. Only JSON can hold that"):
        write(shaped, tmp_path, target, shape, chunk_rows=rows)
    assert not list(tmp_path.glob("*a.*"))


@pytest.mark.parametrize(("shape", "head"), [
    ("matrix", "prediction_0,prediction_1"), ("dictionary", "a,b"), ("records", "a,b"), ("odd", "prediction"),
])  # fmt: skip
def test_csv_has_a_column_for_each_part(shaped, tmp_path, shape, head):
    assert write(shaped, tmp_path, "a.csv", shape, chunk_rows=5).decode().splitlines()[0] == head


def test_cells_of_csv_hold_lists_as_json(shaped, tmp_path):
    write(shaped, tmp_path, "a.csv", "records")
    assert json.loads(pd.read_csv(tmp_path / "a.csv")["b"][4]) == [1, 2]


def test_lines_hold_an_object_each(shaped, tmp_path):
    lines = write(shaped, tmp_path, "a.jsonl", "odd", chunk_rows=5).splitlines()
    assert [json.loads(line) for line in lines[:3]] == [
        {"prediction": "AP8=\n"}, {"prediction": 0.10000000149011612}, {"prediction": None},
    ]  # fmt: skip


def test_inputs_stand_beside_their_predictions(shaped, tmp_path):
    assert write(shaped, tmp_path, "a.csv", "records", keep_input=True).startswith(b'a,a_predicted,b\n0,1,"[1, 2]"\n')
    told = json.loads(write(shaped, tmp_path, "a.json", "matrix", keep_input=True))
    assert told[4] == {"a": 4, "prediction_0": 0, "prediction_1": 1}
    frame = pd.read_parquet(write_parquet(shaped, tmp_path))
    assert list(frame.columns) == ["a", "prediction_0", "prediction_1"]


def write_parquet(shaped, tmp_path):
    write(shaped, tmp_path, "a.parquet", "matrix", keep_input=True)
    return tmp_path / "a.parquet"


@pytest.mark.parametrize("target", ["a.json", "a.jsonl"])
def test_what_json_can_not_say_is_refused(shaped, tmp_path, target):
    with pytest.raises(InvalidValue, match="can't be said in JSON: complex"):
        write(shaped, tmp_path, target, "complex")
    assert not (tmp_path / target).exists()


def test_a_file_that_was_there_stays_when_scoring_fails(seen, tmp_path):
    (tmp_path / "made.csv").write_text("before")
    with pytest.raises(InvalidValue, match="row 5"):
        write(seen, tmp_path, "made.csv", text="a\n0\n1\n2\n3\n-999\n")
    assert (tmp_path / "made.csv").read_text() == "before"
    assert [file.name for file in tmp_path.glob(".made*")] == []


def test_an_unknown_ending_is_asked_about(seen, tmp_path):
    with pytest.raises(InvalidValue, match=r"rows\.txt ends with none of"):
        batch.score(seen, tmp_path / "rows.txt", tmp_path / "made.csv")
    with pytest.raises(InvalidValue, match=r"rows\.csv is no file"):
        batch.score(seen, tmp_path / "rows.csv", tmp_path / "made.csv")


def test_a_place_where_no_file_can_be_is_refused(seen, tmp_path):
    for target in ("no/such/folder.csv", "."):
        with pytest.raises(InvalidValue, match="can't be written"):
            write(seen, tmp_path, target)
