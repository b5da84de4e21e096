"""Scoring on a real Spark, in this machine's processes: what it gives is what the model gives by itself."""

import os
import shutil
import sys

import numpy as np
import pandas as pd
import pytest

from tests.server import ROOT
from tracker import models
from tracker.errors import InvalidValue, UnsafeModel
from tracker.models import ModelSignature, spark_udf
from tracker.models.signature import ColSpec, Schema

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java 17, which is not here."),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support:FutureWarning"),
]
pyspark = pytest.importorskip("pyspark", reason="PySpark is not installed; make test-integrations does it.")

LOADS = """
import os, pathlib
from tracker.models import set_model

def counted(model_input):
    return [os.getpid()] * len(model_input)

with pathlib.Path({told!r}).open("a") as file:
    file.write(f"{{os.getpid()}}\\n")
set_model(counted)
"""


@pytest.fixture(scope="module")
def spark():
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as patch:
        told = {"PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
        for name, value in told.items():
            patch.setenv(name, value)
        session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        yield session
        session.stop()


@pytest.fixture(scope="module")
def flowers(iris):
    return iris[0]


@pytest.fixture(scope="module")
def saved(iris, classifier, tmp_path_factory):
    place = tmp_path_factory.mktemp("spark") / "model"
    models.save_model(classifier, place, input_example=iris[0][:2])
    return place


def predicted(frame, column):
    return frame.select(column.alias("made")).toPandas()["made"]


def test_columns_of_the_signature_are_taken_when_none_are_named(spark, flowers, saved, classifier):
    frame = spark.createDataFrame(flowers).repartition(3)
    told = frame.withColumn("made", spark_udf(spark, saved)()).toPandas()
    assert np.array_equal(told["made"], classifier.predict(told[flowers.columns]))
    assert told["made"].dtype == "int64"


def test_columns_may_be_named_or_be_one_struct(spark, flowers, saved, classifier):
    from pyspark.sql import functions

    udf, frame = spark_udf(spark, saved), spark.createDataFrame(flowers)
    names = [f"`{name}`" for name in flowers.columns]
    for column in (udf(*names), udf(*map(functions.col, names)), udf(functions.struct(*names[::-1]))):
        assert np.array_equal(predicted(frame, column), classifier.predict(flowers))


def test_the_model_is_loaded_once_in_each_worker_process(spark, tmp_path):
    code = tmp_path / "counted.py"
    code.write_text(LOADS.format(told=str(tmp_path / "told")))
    signature = ModelSignature(Schema([ColSpec("long", "id")]), Schema([ColSpec("long")]))
    models.save_model(code, tmp_path / "model", signature=signature, requirements=[])
    udf = spark_udf(spark, tmp_path / "model", allow_pickle=True)
    (tmp_path / "told").unlink()
    workers = set(predicted(spark.range(0, 1000, numPartitions=8), udf()))
    loads = list(map(int, (tmp_path / "told").read_text().split()))
    assert sorted(loads) == sorted(workers)
    assert os.getpid() not in workers


@pytest.mark.parametrize(("result_type", "wanted"), [
    ("double", [float(label) for label in range(3)]), ("string", ["0", "1", "2"]), ("long", [0, 1, 2]),
])  # fmt: skip
def test_the_result_may_be_of_another_type(spark, flowers, saved, result_type, wanted):
    frame = spark.createDataFrame(flowers)
    made = predicted(frame, spark_udf(spark, saved, result_type)())
    assert sorted(set(made)) == wanted


def test_several_outputs_are_a_struct_or_an_array(spark, flowers, classifier, tmp_path):
    models.save_model(classifier, tmp_path / "model", input_example=flowers[:2], pyfunc_predict_fn="predict_proba")
    frame, wanted = spark.createDataFrame(flowers), classifier.predict_proba(flowers)
    assert np.allclose(predicted(frame, spark_udf(spark, tmp_path / "model")()).tolist(), wanted)
    fields = spark_udf(spark, tmp_path / "model", "a double, b double, c double")().alias("made")
    assert np.allclose(frame.select(fields).select("made.a", "made.b", "made.c").toPandas(), wanted)


def test_a_row_without_values_of_a_part_is_no_row(spark, flowers, saved):
    frame = spark.createDataFrame(flowers).repartition(8).filter("`sepal length (cm)` > 7.6")
    assert len(predicted(frame, spark_udf(spark, saved)())) == int((flowers["sepal length (cm)"] > 7.6).sum())


@pytest.mark.parametrize(("result_type", "words"), [("no such type", "is no type of Spark"), ("array<", "is no type")])
def test_a_type_that_spark_does_not_have_is_refused(spark, saved, result_type, words):
    with pytest.raises(InvalidValue, match=words):
        spark_udf(spark, saved, result_type)


def test_without_a_signature_the_type_is_asked_for(spark, classifier, tmp_path):
    models.save_model(classifier, tmp_path / "model")
    with pytest.raises(InvalidValue, match="give a result_type"):
        spark_udf(spark, tmp_path / "model")
    with pytest.raises(InvalidValue, match="say which to predict from"):
        spark_udf(spark, tmp_path / "model", "long")()


def test_code_of_a_model_runs_only_when_allowed(spark, classifier, tmp_path):
    models.save_model(classifier, tmp_path / "model", serialization_format="pickle")
    with pytest.raises(UnsafeModel):
        spark_udf(spark, tmp_path / "model", "long")


def test_what_a_worker_finds_wrong_is_told(spark, saved):
    frame = spark.createDataFrame(pd.DataFrame({"a": ["x"]}))
    with pytest.raises(Exception, match=r"SignatureMismatch|missing are"):
        frame.select(spark_udf(spark, saved)("a")).collect()
