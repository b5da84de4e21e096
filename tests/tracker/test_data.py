"""What is told of the data that a run used."""

import json

import pandas

import tracker


def test_a_frame_is_told_by_its_columns_its_size_and_a_digest_of_its_content():
    frame = pandas.DataFrame({"age": [30, 41], "name": ["Ada", "Grace"]})
    told = tracker.data.from_pandas(frame, source="people.csv", targets="age", name="people")
    assert told.schema == {
        "columns": [{"name": "age", "type": "int64"}, {"name": "name", "type": str(frame["name"].dtype)}]
    }
    assert told.profile == {"num_rows": 2, "num_elements": 4, "targets": "age"}
    assert (told.source_type, told.source) == ("local", {"uri": "people.csv"})
    frame.loc[1, "age"] = 42
    assert tracker.data.from_pandas(frame).digest != told.digest


def test_a_file_is_told_by_the_hash_of_its_content(tmp_path):
    file = tmp_path / "train.csv"
    file.write_text("a,b\n1,2\n")
    told = tracker.data.from_file(file)
    assert (told.name, told.source_type, told.profile) == ("train.csv", "local", {"size_bytes": 8})
    assert told.source == {"uri": str(file)}
    moved = tmp_path / "moved.csv"
    moved.write_text("a,b\n1,2\n")
    assert tracker.data.from_file(moved).digest == told.digest


def test_a_dataset_goes_over_the_wire_with_its_context_as_a_tag():
    told = tracker.data.Dataset("digits", "1f", {"uri": "s3://b/d"}, "s3").as_input("training", {"fold": "1"})
    assert told["tags"] == {"fold": "1", "mlflow.data.context": "training"}
    assert json.loads(told["source"]) == {"uri": "s3://b/d"}
    assert "schema" not in told
