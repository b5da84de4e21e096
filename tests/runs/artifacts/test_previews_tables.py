"""CSV, TSV, JSON lines, logged tables, Parquet: pages of rows."""

import io
import json
import time

import pyarrow
import pytest
from pyarrow import parquet

from runs.artifacts.previews.kinds import preview_of
from runs.artifacts.previews.source import Source
from tests.runs.artifacts.previews import huge, shown


def table_of(preview):
    assert preview.kind == "table", preview
    return [(column.name, column.type) for column in preview.columns], [list(row) for row in preview.rows]


def numbered(count):
    return "id,name\n" + "".join(f"{number},n{number}\n" for number in range(count))


def as_parquet(columns, **options):
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), buffer, **options)
    return buffer.getvalue()


# CSV


def test_a_csv_shows_columns_with_their_types():
    columns, rows = table_of(shown("a.csv", "id,score,ok,name,note\n1,0.5,true,ada,\n2,-1e-3,false,bob,\n"))
    assert columns == [
        ("id", "whole number"), ("score", "number"), ("ok", "true or false"), ("name", "text"), ("note", "empty"),
    ]  # fmt: skip
    assert rows == [["1", "0.5", "true", "ada", ""], ["2", "-1e-3", "false", "bob", ""]]


@pytest.mark.parametrize(
    ("path", "text"),
    [("a.csv", "a;b\n1;2,5\n3;4,5\n"), ("a.tsv", "a\tb\n1\t2,5\n3\t4,5\n"), ("a.csv", "a|b\n1|2,5\n3|4,5\n")],
)
def test_the_delimiter_is_found(path, text):
    columns, rows = table_of(shown(path, text))
    assert [name for name, _ in columns] == ["a", "b"]
    assert rows == [["1", "2,5"], ["3", "4,5"]]


def test_rows_come_a_hundred_a_page():
    first, last = shown("a.csv", numbered(250)), shown("a.csv", numbered(250), page=3)
    assert (first.first_row, first.last_row, first.has_more) == (1, 100, True)
    assert (last.first_row, last.last_row, last.has_more) == (201, 250, False)
    assert last.rows[0] == ["200", "n200"]


def test_a_page_that_is_not_there_is_said():
    assert "There is no page 9" in shown("a.csv", numbered(5), page=9).note


def test_a_table_without_names_has_numbers_for_them():
    columns, rows = table_of(shown("a.csv", "1,2\n3,4\n"))
    assert [name for name, _ in columns] == ["1", "2"]
    assert rows == [["1", "2"], ["3", "4"]]


def test_ragged_rows_are_filled():
    columns, rows = table_of(shown("a.csv", "a,b\n1\n1,2,3\n\n4,5\n"))
    assert [name for name, _ in columns] == ["a", "b", "3"]
    assert rows == [["1", "", ""], ["1", "2", "3"], ["4", "5", ""]]


def test_quoted_line_ends_stay_in_their_cell():
    assert table_of(shown("a.csv", 'a,b\n"one\ntwo","say ""hi"""\n'))[1] == [["one\ntwo", 'say "hi"']]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_a_table_is_read_in_its_encoding(encoding):
    columns, rows = table_of(shown("a.csv", "größe,b\nä,1\n".encode(encoding)))
    assert columns[0][0] == "größe"
    assert rows == [["ä", "1"]]


def test_a_nul_is_drawn():
    _, rows = table_of(shown("a.csv", "name,b\n" + "word,1\n" * 30 + "x\0y,2\n"))
    assert rows[-1] == ["x␀y", "2"]


def test_a_huge_cell_is_cut():
    _, rows = table_of(shown("a.csv", f"a,b\n{'x' * 200_000},1\n"))
    assert rows[0][0] == "x" * 300 + "…"


def test_a_quote_that_never_closes_is_said():
    preview = shown("a.csv", 'a,b\n1,2\n"' + "x" * 2_000_000)
    assert preview.rows == [["1", "2"]]
    assert "can't be read on" in preview.note


def test_a_thousand_columns_are_cut_and_that_is_said():
    preview = shown("a.csv", ",".join(f"c{number}" for number in range(1000)) + "\n" + ",".join(["1"] * 1000) + "\n")
    assert len(preview.columns) == 100
    assert "Shown: 100 of" in preview.note


def test_a_header_alone_has_no_rows():
    columns, rows = table_of(shown("a.csv", "a,b\n"))
    assert [name for name, _ in columns] == ["a", "b"]
    assert rows == []


def test_the_first_page_of_a_huge_table_costs_as_much_as_of_a_small_one(tmp_path):
    file, size = huge(tmp_path, numbered(100_000).encode())
    preview = preview_of(Source("r1", "a.csv", size, file))
    assert preview.rows[99] == ["99", "n99"]
    assert file.bytes_read < 500_000


def test_a_late_page_of_a_huge_table_ends_at_the_reach(tmp_path):
    file, size = huge(tmp_path, numbered(100_000).encode())
    began = time.process_time()
    preview = preview_of(Source("r1", "a.csv", size, file, page=900_000_000))
    assert "within the first 32.0" in preview.note
    assert file.bytes_read < 40_000_000
    assert time.process_time() - began < 20


def test_a_picture_named_csv_is_no_table():
    assert shown("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(200)).kind == "other"


# Lines of JSON


def test_lines_of_json_are_rows():
    preview = shown("a.jsonl", '{"step": 1, "loss": 0.5}\n\n{"step": 2, "tags": ["x"]}\n')
    columns, rows = table_of(preview)
    assert columns == [("step", "whole number"), ("loss", "number"), ("tags", "text")]
    assert rows == [["1", "0.5", ""], ["2", "", '["x"]']]


def test_lines_of_json_come_a_hundred_a_page():
    preview = shown("a.jsonl", "".join(json.dumps({"n": number}) + "\n" for number in range(150)), page=2)
    assert (preview.rows[0], preview.has_more) == (["100"], False)


def test_a_line_that_is_no_json_makes_it_text():
    preview = shown("a.jsonl", '{"a": 1}\n{"a": \n')
    assert preview.kind == "text"
    assert "Not every line" in preview.note


# Logged tables


def test_a_logged_table_is_a_table():
    preview = shown("eval.json", json.dumps({"columns": ["q", "score"], "data": [["a", 1.5], ["b", None], [{"x": 1}]]}))
    columns, rows = table_of(preview)
    assert columns == [("q", "text"), ("score", "number")]
    assert rows == [["a", "1.5"], ["b", ""], ['{"x": 1}', ""]]
    assert preview.total == 3


def test_a_logged_table_is_paged():
    content = json.dumps({"columns": ["n"], "data": [[number] for number in range(101)]})
    assert shown("eval.json", content, page=2).rows == [["100"]]


# Parquet


def test_parquet_shows_rows_with_the_types_of_the_file():
    preview = shown("a.parquet", as_parquet({"id": [1, 2], "score": [0.5, None], "tags": [["a"], []]}))
    columns, rows = table_of(preview)
    assert columns == [("id", "int64"), ("score", "double"), ("tags", "list<element: string>")]
    assert rows == [["1", "0.5", "['a']"], ["2", "", "[]"]]
    assert preview.total == 2


def test_parquet_pages_across_row_groups():
    content = as_parquet({"n": list(range(1000))}, row_group_size=70)
    preview = shown("a.parquet", content, page=4)
    assert [row[0] for row in preview.rows] == [str(number) for number in range(300, 400)]
    assert preview.has_more
    assert not shown("a.parquet", content, page=10).has_more


def test_an_empty_parquet_has_columns_and_no_rows():
    preview = shown("a.parquet", as_parquet({"n": pyarrow.array([], "int32")}))
    assert table_of(preview) == ([("n", "int32")], [])


@pytest.mark.parametrize("damage", ["truncated", "garbled", "head alone", "lies about its length"])
def test_a_broken_parquet_is_said_and_breaks_nothing(damage):
    content = as_parquet({"n": list(range(1000))})
    broken = {
        "truncated": content[: len(content) // 2],
        "garbled": content[:4] + bytes(byte ^ 0x55 for byte in content[4:-4]) + content[-4:],
        "head alone": b"PAR1",
        "lies about its length": content[:-8] + b"\xff\xff\xff\x7f" + content[-4:],
    }[damage]
    preview = shown("a.parquet", broken)
    assert preview.kind != "table"
    assert "Its content" in preview.note
