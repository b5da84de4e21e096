"""CSV is read as pandas reads the whole of it, some rows at a time, and typed by the signature."""

import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker import batch
from tracker.batch.csv_rows import CsvRows
from tracker.errors import InvalidValue

CELLS = st.sampled_from(
    ["", "1", "-2", "0.5", "1e3", "True", "False", "x", "007", "NA", "2026-11-29", '"a, b"', '"a\nb"']
)


def score(model, tmp_path, text, chunk_rows=2, **options):
    (tmp_path / "rows.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    batch.score(model, tmp_path / "rows.csv", tmp_path / "made.csv", chunk_rows=chunk_rows, **options)
    return list(pd.read_csv(tmp_path / "made.csv").iloc[:, -1])


@settings(max_examples=60)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=9), st.integers(1, 4))
def test_types_are_those_of_the_whole_file(tmp_path_factory, rows, size):
    text = "a,b\n" + "".join(f"{one},{other}\n" for one, other in rows)
    file = tmp_path_factory.mktemp("csv") / "rows.csv"
    file.write_text(text)
    whole = pd.read_csv(io.StringIO(text))
    found = pd.concat([chunk.rows for chunk in CsvRows(file, None, "rows").chunks(size)])
    known = whole.columns[whole.notna().any()]
    pd.testing.assert_frame_equal(found[known], whole[known])


@pytest.mark.parametrize(("column", "cell", "value"), [
    ("long", "7", "long:int64:7"), ("integer", "7", "integer:int32:7"), ("double", "7", "double:float64:7.0"),
    ("float", "0.5", "float:float32:0.5"), ("boolean", "true", "boolean:bool:True"),
    ("string", "007", "string:object:'007'"), ("datetime", "2026-11-29", "2026-11-29 00:00:00"),
])  # fmt: skip
def test_columns_are_of_the_types_of_the_signature(typed, tmp_path, column, cell, value):
    rows = f"long,{column}\n7,{cell}\n" if column != "long" else f"long\n{cell}\n"
    (told,) = score(typed, tmp_path, rows)
    assert value in told


@pytest.mark.parametrize(("column", "cell", "words"), [
    ("long", "x", "the column 'long' holds 'x', which is no long."), ("long", "1.5", "holds '1.5', which is no long"),
    ("long", "", "the column 'long' is empty, which a long can't be."), ("integer", "3000000000", "is no integer"),
    ("double", "1,5", "it has 3 fields, and the head 2"), ("double", "1;5", "holds '1;5', which is no double"),
    ("boolean", "yes", "holds 'yes', which is no boolean"), ("datetime", "soon", "holds 'soon', which is no datetime"),
])  # fmt: skip
def test_a_bad_cell_is_named_by_its_row(typed, tmp_path, column, cell, words):
    good = {"long": "1", "integer": "1", "double": "1", "boolean": "True", "datetime": "2026-11-29"}[column]
    cells = [good] * 4 + [cell] + [good] * 3
    rows = "".join(f"{one if column == 'long' else 1},{one}\n" for one in cells)
    with pytest.raises(InvalidValue, match="row 5") as raised:
        score(typed, tmp_path, f"long,{column}\n{rows}" if column != "long" else "long,string\n" + rows)
    assert words in str(raised.value)
    assert not (tmp_path / "made.csv").exists()


def test_a_row_that_the_model_refuses_is_named(seen, tmp_path):
    with pytest.raises(InvalidValue, match=r"rows\.csv, row 6: RuntimeError: that row is bad"):
        score(seen, tmp_path, "a\n1\n2\n3\n4\n5\n-999\n7\n", chunk_rows=4)


@pytest.mark.parametrize(("content", "words"), [
    (b"", "is empty"), (b"a\n\xff\n", "is not in UTF-8"), (b"a,b\n1,2,3\n4,5,6\n", "more fields than the 2 names"),
    (b"string\nx\n", "missing are \\['long'\\]"),
])  # fmt: skip
def test_what_is_no_table_of_the_model_is_refused(typed, tmp_path, content, words):
    with pytest.raises(InvalidValue, match=words):
        score(typed, tmp_path, content)


def test_columns_that_the_model_does_not_know_are_kept_as_they_were(typed, tmp_path):
    score(typed, tmp_path, "id,long\n007,1\n08,2\nx,3\n", keep_input=True)
    assert (tmp_path / "made.csv").read_text().splitlines()[1].startswith("007,1,")


def test_a_mark_of_byte_order_is_no_part_of_a_name(typed, tmp_path):
    assert score(typed, tmp_path, b"\xef\xbb\xbflong\n1\n") == ["long:int64:1"]


def test_a_file_without_rows_gives_one_without_rows(seen, tmp_path):
    (tmp_path / "rows.csv").write_text("a,b\n")
    batch.score(seen, tmp_path / "rows.csv", tmp_path / "made.json")
    assert (tmp_path / "made.json").read_text() == '{"predictions": []}'
