import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.tracker.batch.conftest import loaded
from tracker import batch
from tracker.errors import InvalidValue
from tracker.models import ModelSignature
from tracker.models.signature import ColSpec, Schema


def score(model, tmp_path, table, target="made.parquet", **options):
    parquet.write_table(table, tmp_path / "rows.parquet", **options)
    batch.score(model, tmp_path / "rows.parquet", tmp_path / target, chunk_rows=2)
    return list(pd.read_parquet(tmp_path / target)["prediction"])


@pytest.mark.parametrize("options", [{}, {"write_statistics": False}, {"row_group_size": 1}])
def test_types_do_not_depend_on_where_values_are_missing(seen, tmp_path, options):
    table = pa.table({"a": [1, 2, 3, None], "b": [True, False, None, True], "c": [1, 2, 3, 4]})
    made = score(seen, tmp_path, table, **options)
    assert made[0] == "a:float64:1.0 b:object:True c:int64:1"
    assert made[3] == "a:float64:nan b:object:True c:int64:4"


def test_whole_numbers_become_doubles_only_where_some_are_missing(tmp_path):
    model = loaded(tmp_path / "model", signature=ModelSignature(Schema([ColSpec("double", "a")])))
    assert score(model, tmp_path, pa.table({"a": [1, 2, None]}))[0] == "a:float64:1.0"
    with pytest.raises(InvalidValue, match="int64 can't become that"):
        score(model, tmp_path, pa.table({"a": [1, 2, 3]}))


def test_what_is_no_parquet_is_refused(seen, tmp_path):
    (tmp_path / "rows.parquet").write_text("a,b")
    with pytest.raises(InvalidValue, match=r"rows\.parquet can't be read as Parquet"):
        batch.score(seen, tmp_path / "rows.parquet", tmp_path / "made.csv")
    assert not (tmp_path / "made.csv").exists()


def test_a_cut_file_leaves_nothing(seen, tmp_path):
    parquet.write_table(pa.table({"a": range(10_000)}), tmp_path / "rows.parquet")
    content = bytearray((tmp_path / "rows.parquet").read_bytes())
    content[100:2000] = bytes(1900)
    (tmp_path / "rows.parquet").write_bytes(content)
    with pytest.raises(InvalidValue, match="from row 1 on"):
        batch.score(seen, tmp_path / "rows.parquet", tmp_path / "made.csv")
    assert not (tmp_path / "made.csv").exists()
