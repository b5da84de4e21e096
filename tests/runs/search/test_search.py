"""`Run.objects.search`: the runs that a filter finds, and their order."""

import math
import time

import pytest
from django.db import connection

from runs import inputs
from runs.batches import DatasetInput
from runs.models import Run
from runs.search import SearchError
from runs.search.languages import SPELLED_OUT
from runs.seeding import Size, seed
from tests.factories import NOON, make_artifact, make_experiment, make_run
from trackerweb.clock import now_ms

pytestmark = pytest.mark.django_db


@pytest.fixture
def runs():
    """Three runs that differ in everything."""
    make_run(
        name="low", params={"lr": "0.01", "opt": "adam", "long": "x" * 300}, tags={"kind": "Base"},
        metrics={"loss": [0.9, 0.1]}, status="FINISHED", start_time=NOON, end_time=NOON + 5000,
    )  # fmt: skip
    make_run(
        name="high", params={"lr": "0.1", "opt": "sgd", "long": "x" * 301}, tags={"kind": "base", "paper": "yes"},
        metrics={"loss": [0.8]}, status="FAILED", start_time=NOON + 1, end_time=NOON + 2,
    )  # fmt: skip
    make_run(
        name="odd", params={"lr": "auto"}, metrics={"loss": [math.nan], "up": [math.inf]},
        status="RUNNING", start_time=NOON + 2, end_time=None,
    )  # fmt: skip


def found(text="", *order):
    return [run.name for run in Run.objects.search(text, order)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["odd", "high", "low"]),
        ("metrics.loss < 0.5", ["low"]),
        ("metrics.loss >= 0.1", ["high", "low"]),
        ("metrics.loss = 0.8", ["high"]),
        ("metrics.loss != 0.8", ["odd", "low"]),
        ("metrics.up > 1e300", ["odd"]),
        ("metrics.nobody < 1", []),
        ("params.opt = 'adam'", ["low"]),
        ("params.opt != 'adam'", ["high"]),
        ("params.opt LIKE 'a%'", ["low"]),
        ("params.opt LIKE 'A%'", []),
        ("params.opt ILIKE 'A%'", ["low"]),
        ("params.opt LIKE '_gd'", ["high"]),
        ("params.opt LIKE '*'", []),
        ("params.opt IN ('adam', 'sgd')", ["high", "low"]),
        ("params.opt NOT IN ('adam')", ["high"]),
        ("params.opt IS NULL", ["odd"]),
        ("params.opt IS NOT NULL", ["high", "low"]),
        ("params.lr < 0.05", ["low"]),
        ("params.lr = 0.10", ["high"]),
        ("params.lr != 0.1", ["odd", "low"]),
        (f"params.long = '{'x' * 300}'", ["low"]),
        ("tags.kind = 'base'", ["high"]),
        ("tags.kind ILIKE 'BASE'", ["high", "low"]),
        ("tags.paper IS NULL", ["odd", "low"]),
        ("status = 'FAILED'", ["high"]),
        ("status IN ('FAILED', 'RUNNING')", ["odd", "high"]),
        ("status NOT IN ('FAILED')", ["odd", "low"]),
        ("run_name LIKE 'o%'", ["odd"]),
        (f"start_time > {NOON}", ["odd", "high"]),
        ("end_time != 0", ["high", "low"]),
        ("duration > 100", ["low"]),
        ("metrics.loss < 1 AND params.lr = '0.1' AND status = 'FAILED'", ["high"]),
        ("metrics.loss < 0.5 OR status = 'RUNNING'", ["odd", "low"]),
        ("NOT (metrics.loss < 0.5 OR status = 'RUNNING')", ["high"]),
        ("NOT metrics.loss < 0.5", ["odd", "high"]),
        ("max(metrics.loss) >= 0.9", ["low"]),
        ("count(metrics.loss) = 2", ["low"]),
        ("metrics.loss BETWEEN 0.5 AND 0.8", ["high"]),
        ("metrics.loss IN (0.1, 0.8)", ["high", "low"]),
        ("params.lr IN (0.1, 7)", ["high"]),
        ("has(metrics.up)", ["odd"]),
        ("metrics.up IS NULL", ["high", "low"]),
        ("params.opt ~ '^(adam|lamb)$'", ["low"]),
        ("run_name !~ '^o'", ["high", "low"]),
        ("duration > 4s", ["low"]),
        ("start_time = '2026-11-24'", ["odd", "high", "low"]),
        ("start_time < '2026-11-24'", []),
        ("loss<0.5", ["low"]),
        ("lr<0.05", ["low"]),
        ("opt=adam", ["low"]),
        ("kind=base", ["high"]),
        ("YES", ["high"]),
        ("-tag:paper status:finished", ["low"]),
        ("tag:yes", ["high"]),
        ("name:O", ["odd", "low"]),
        ("status:running", ["odd"]),
        (f"start_time < {NOON}.5", ["low"]),
        (f"start_time = {NOON}.5", []),
        ("start_time < 1e999 AND end_time != 1e30", ["high", "low"]),
        ("params.opt NOT IN ('sgd', 'x') AND params.long IN ('" + "x" * 300 + "', 'y')", ["low"]),
    ],
)
def test_a_filter_keeps_matching_runs(text, names, runs):
    assert found(text) == names


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (["metrics.loss"], ["low", "high", "odd"]),
        (["metrics.loss DESC"], ["high", "low", "odd"]),
        (["params.lr"], ["low", "high", "odd"]),
        (["params.lr DESC"], ["high", "low", "odd"]),
        (["params.opt"], ["low", "high", "odd"]),
        (["tags.kind DESC"], ["high", "low", "odd"]),
        (["start_time"], ["low", "high", "odd"]),
        (["end_time"], ["high", "low", "odd"]),
        (["duration DESC"], ["low", "high", "odd"]),
        (["run_name"], ["high", "low", "odd"]),
        (["metrics.nobody", "run_name DESC"], ["odd", "low", "high"]),
        (["metrics.up DESC"], ["odd", "high", "low"]),
    ],
)
def test_an_order_puts_what_is_missing_last_both_ways(order, names, runs):
    assert found("", *order) == names


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_nan_comes_before_missing_as_in_mlflow(direction):
    make_run(name="missing", start_time=NOON + 2)
    make_run(name="nan", metrics={"m": math.nan})
    make_run(name="one", metrics={"m": 1})
    assert found("", f"metrics.m {direction}") == ["one", "nan", "missing"]


def test_params_that_are_the_same_number_tie():
    make_run(name="old", params={"lr": "0.1"})
    make_run(name="new", params={"lr": "1e-1"}, start_time=NOON + 1)
    assert found("", "params.lr") == found("", "params.lr DESC") == ["new", "old"]


@pytest.mark.parametrize("length", [199, 200, 201])
def test_a_value_is_compared_whole_where_its_indexed_head_ends(length):
    for name, size in (("shorter", length - 1), ("same", length), ("longer", length + 1)):
        make_run(name=name, tags={"t": "x" * size})
    assert found(f"tags.t = '{'x' * length}'") == ["same"]
    assert found(f"tags.t IN ('{'x' * length}', 'y')") == ["same"]


def test_a_run_that_fell_silent_is_stale_and_not_running():
    make_run(name="alive", status="RUNNING", has_heartbeat=True, heartbeat_time=now_ms())
    make_run(name="silent", status="RUNNING", has_heartbeat=True, heartbeat_time=NOON)
    assert found("status:stale") == found("state = 'STALE'") == ["silent"]
    assert found("status:running") == found("state NOT IN ('STALE')") == ["alive"]
    assert found("status = 'RUNNING'", "run_name") == ["alive", "silent"]


def test_a_status_without_quotes_is_read_in_any_case():
    make_run(name="done")
    assert found("status=finished") == found("status != failed") == ["done"]
    assert found("status = 'finished'") == []


def test_words_and_labels_pass_over_tags_of_clients():
    make_run(name="run", tags={"mlflow.source.git.branch": "main", "team": "sea"})
    assert found("main") == found("tag:main") == []
    assert found("sea") == found("tag:sea") == ["run"]


def test_runs_are_found_by_their_files():
    make_artifact(make_run(name="with"), "models/best.onnx")
    make_run(name="without")
    assert found("artifact LIKE '%.onnx'") == found("has(artifact)") == ["with"]
    assert found("artifact IS NULL") == found("NOT artifact = 'models/best.onnx'") == ["without"]


def test_runs_are_found_by_what_hangs_on_them():
    experiment = make_experiment("vision/digits")
    make_run(experiment, name="noted", note="look at THIS", entry_point="main")
    make_run(name="plain")
    assert found("this") == found("note:this") == found("note IS NOT NULL") == ["noted"]
    assert found("experiment:VISION") == found("experiment = 'vision/digits'") == found("has(entry_point)") == ["noted"]
    assert found("", "experiment") == ["plain", "noted"]


def test_a_pattern_costs_no_more_than_its_text_is_long():
    make_run(name="a" * 10_000)
    began = time.process_time()
    assert found("run_name ~ '(a*)*b'") == []
    assert time.process_time() - began < 5


def test_spelled_out_a_filter_knows_no_short_forms():
    with pytest.raises(SearchError, match="no condition"):
        Run.objects.search("words", language=SPELLED_OUT)


@pytest.mark.parametrize("joint", [" OR ", " AND "])
def test_many_conditions_mean_what_few_do(joint):
    make_run(name="open", end_time=None)
    make_run(name="ended")
    late = joint.join(["end_time < 5"] * 45)
    assert found(f"NOT ({late})", "run_name") == ["ended", "open"]
    assert found(joint.join(["end_time > 5"] * 45)) == ["ended"]
    assert found(f"NOT ({joint.join(['end_time > 5'] * 45)})") == ["open"]


def test_a_filter_of_every_size_allowed_is_answered():
    assert found(" OR ".join(["word"] * 200)) == []
    make_run(params={"p": "a" * 5000})
    assert found(" AND ".join(["params.p != 'b'"] * 200))
    assert found("params.p IN (" + ",".join(["''"] * 3000) + ")") == []
    assert found("params.p LIKE '" + "%a" * 4900 + "b'") == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is in SQLite's words")
@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("metrics.loss < 0.5", "COVERING INDEX metric_search (key=? AND last<?)"),
        ("params.opt = 'adam'", "param_search (key=? AND <expr>=?)"),
        (f"params.opt = '{'x' * 300}'", "param_search (key=? AND <expr>=?)"),
        ("params.opt IN ('adam', 'sgd')", "param_search (key=? AND <expr>=?)"),
        ("tags.kind = 'x'", "tag_search (key=? AND <expr>=?)"),
    ],
)
def test_a_condition_is_looked_up_in_its_covering_index(text, index):
    query, params = Run.objects.search(text).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {query}", params)
        plan = " ".join(row[3] for row in cursor.fetchall())
    assert index in plan


@pytest.fixture
def _data(runs):
    """`low` trained on digits and was tested on iris; `high` trained on iris."""
    for name, dataset, context in (
        ("low", "digits", "training"),
        ("low", "iris", "test"),
        ("high", "iris", "training"),
    ):
        tags = {"mlflow.data.context": context}
        run_id = Run.objects.get(name=name).run_id
        inputs.use_datasets(run_id, [DatasetInput(dataset, f"d-{dataset}", "local", "{}", tags=tags)])


@pytest.mark.usefixtures("_data")
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("datasets.name = 'digits'", ["low"]),
        ("dataset.name = 'iris'", ["high", "low"]),
        ("datasets.name != 'digits'", ["high", "low"]),
        ("datasets.digest LIKE 'd-dig%'", ["low"]),
        ("datasets.context = 'test'", ["low"]),
        ("datasets.context ILIKE 'TRAIN%' AND datasets.name IN ('iris')", ["high", "low"]),
        ("datasets.name NOT IN ('iris', 'digits')", []),
        ("NOT datasets.name = 'digits'", ["odd", "high"]),
        ("datasets.name IS NULL", ["odd"]),
        ("datasets.name ~ '^ir'", ["high", "low"]),
        ("datasets.`name` = 'digits' AND metrics.loss < 0.5", ["low"]),
    ],
)
def test_runs_are_found_by_the_data_that_they_used(text, names):
    assert found(text) == names


@pytest.mark.parametrize("text", ["datasets.colour = 'a'", "datasets.name > 'a'", "datasets. = 'a'"])
def test_a_dataset_has_a_name_a_digest_and_a_context(text):
    with pytest.raises(SearchError):
        Run.objects.search(text)


def test_runs_are_not_sorted_by_their_data():
    with pytest.raises(SearchError, match="can't be sorted by that"):
        Run.objects.search("", ["datasets.name"])


def test_a_run_is_found_by_where_its_files_lie():
    make_run(name="here", run_id="r1")
    make_run(make_experiment(artifact_location="s3://bucket/x"), name="there", run_id="r2")
    assert found("artifact_uri = 'mlflow-artifacts:/0/r1/artifacts'") == ["here"]
    assert found("attributes.artifact_uri LIKE 's3://%'") == ["there"]
    assert found("", "artifact_uri DESC") == ["there", "here"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL learns by itself")
def test_a_selective_filter_begins_at_its_index_once_the_sizes_are_known():
    seed(make_experiment(), Size(runs=1000, params=1, metrics=2, tags=0))
    query, params = Run.objects.search("metrics.`val/loss` < 0.001").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {query}", params)
        plan = [row[3] for row in cursor.fetchall()]
    assert plan[0] == "SEARCH runs_run USING INTEGER PRIMARY KEY (rowid=?)"
