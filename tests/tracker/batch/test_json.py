"""JSON is read in pieces: lists of records and lines; forms of requests as the scoring server reads them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker import batch
from tracker.batch import json_rows
from tracker.errors import InvalidValue

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=5,
)  # fmt: skip
RECORDS = st.lists(st.dictionaries(st.text(), VALUES, min_size=1, max_size=3), max_size=8)


def score(model, tmp_path, text, name="rows.json", **options):
    (tmp_path / name).write_text(text)
    batch.score(model, tmp_path / name, tmp_path / "made.json", **{"chunk_rows": 2} | options)
    return json.loads((tmp_path / "made.json").read_text())


@settings(max_examples=40)
@given(RECORDS, st.integers(1, 5), st.sampled_from([None, 2]), st.booleans())
def test_records_are_read_in_pieces_of_any_size(tmp_path_factory, records, size, indent, is_lines):
    file = tmp_path_factory.mktemp("json") / "rows"
    text = "\n\n".join(map(json.dumps, records)) if is_lines else json.dumps(records, indent=indent)
    file.write_text(text)
    reader = json_rows.JsonRows(file, None, "rows", is_lines=is_lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_rows, "_PIECE", size)
        assert [row for rows in reader._lists(size) for row in rows] == records


@pytest.mark.parametrize(("text", "name"), [
    ('[{"a": 1}, {"a": 2}, {"a": 3}]', "rows.json"), ('{"a": 1}\n{"a": 2}\n\n{"a": 3}\n', "rows.jsonl"),
    ('{"a": 1}\n{"a": 2}\n{"a": 3}', "rows.json"), (' \n[\n{"a": 1},\n{"a": 2},\n{"a": 3}\n]\n', "rows.json"),
    ('{"dataframe_records": [{"a": 1}, {"a": 2}, {"a": 3}]}', "rows.json"),
    ('{"dataframe_split":\n {"columns": ["a"], "data": [[1], [2], [3]]}}', "rows.json"),
])  # fmt: skip
def test_each_form_is_told_from_what_is_there(seen, tmp_path, text, name):
    assert score(seen, tmp_path, text, name) == {"predictions": ["a:int64:1", "a:int64:2", "a:int64:3"]}


def test_types_without_a_signature_are_those_of_all_rows(seen, tmp_path):
    made = score(seen, tmp_path, '[{"a": 1}, {"a": 2}, {"a": 2.5, "b": "x"}, {"a": null}]')["predictions"]
    assert [told.split()[0] for told in made] == ["a:float64:1.0", "a:float64:2.0", "a:float64:2.5", "a:float64:nan"]
    assert made[2].endswith("'x'")


@pytest.mark.parametrize(("text", "words"), [
    ('[{"a": 1}, {"a": 2}, {"a": }]', "row 3: it can't be read as JSON"),
    ('[{"a": 1} {"a": 2}]', "row 2: .* has to be"),
    ('[{"a": 1}, {"a": 2}', "row 3: .* the end of the file"), ('[{"a": 1}, 5]', "row 2: it is no record"),
    ('[{"a": 1}] x', "row 2: .*follows the end"), ('[{"a": 1}, {"a": -999}]', "row 2: RuntimeError: that row is bad"),
    ("5", "object with one of"), ('{"columns": []}', "exactly one of"), ("", "can't be read as JSON"),
])  # fmt: skip
def test_what_can_not_be_read_is_named_by_its_row(seen, tmp_path, text, words):
    with pytest.raises(InvalidValue, match=words):
        score(seen, tmp_path, text)
    assert not (tmp_path / "made.json").exists()


def test_a_bad_line_is_named(seen, tmp_path):
    with pytest.raises(InvalidValue, match="row 2: it can't be read as JSON"):
        score(seen, tmp_path, '{"a": 1}\n{"a": \n', "rows.jsonl")


def test_a_value_that_is_not_of_its_type_is_named_by_its_row(typed, tmp_path):
    with pytest.raises(InvalidValue, match="row 3: The column 'long' can't become"):
        score(typed, tmp_path, '[{"long": 1}, {"long": 2}, {"long": "x"}]')


def test_a_form_that_is_too_large_is_refused(seen, tmp_path, monkeypatch):
    monkeypatch.setattr(json_rows, "MOST_BYTES", 10)
    with pytest.raises(InvalidValue, match=r"can't be read in pieces\. Give a list of records"):
        score(seen, tmp_path, '{"dataframe_records": [{"a": 1}]}')


def test_params_of_a_form_reach_the_model(shaped, tmp_path):
    text = '{"dataframe_records": [{"a": 1}], "params": {"shape": "fewer"}}'
    assert score(shaped, tmp_path, text) == {"predictions": [1.5]}


def test_params_are_said_once(shaped, tmp_path):
    text = '{"dataframe_records": [{"a": 1}], "params": {"shape": "fewer"}}'
    with pytest.raises(InvalidValue, match="say them once"):
        score(shaped, tmp_path, text, params={"shape": "one"})
