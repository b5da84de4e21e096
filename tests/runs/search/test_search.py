"""`Run.objects.search`: the runs that a filter finds, and their order."""

import contextlib
import math
import operator
import re
import time

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

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
    began = time.monotonic()
    assert found("run_name ~ '(a*)*b'") == []
    assert time.monotonic() - began < 2


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


COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
    "IN": lambda held, given: held in given,
    "NOT IN": lambda held, given: held not in given,
    "LIKE": lambda held, given: like(given, held),
    "ILIKE": lambda held, given: like(given, held, re.ASCII | re.IGNORECASE),
    "~": lambda held, given: re.search(given, held) is not None,
    "!~": lambda held, given: re.search(given, held) is None,
    "BETWEEN": lambda held, given: given[0] <= held <= given[1],
    "NOT BETWEEN": lambda held, given: not given[0] <= held <= given[1],
}
RANGES = ["BETWEEN", "NOT BETWEEN"]
TEXT_SIGNS = ["=", "!=", "LIKE", "ILIKE"]
NUMBER_SIGNS = ["=", "!=", "<", "<=", ">", ">="]


def like(pattern, text, flags=re.NOFLAG):
    translated = "".join({"%": ".*", "_": "."}.get(char, re.escape(char)) for char in pattern)
    return re.fullmatch(translated, text, flags | re.DOTALL) is not None


words = st.sampled_from(
    ["", "a", "A", "b", "ab", "é", "a%", "_", "%x_", "*[?]", "it's", "\n", "1", "2.5", "25e-1"]
    + ["x" * length for length in (199, 200, 201, 202)]
)
numbers = st.sampled_from([-1.0, 0.0, 0.5, 1.0, 2.5, 1e300])
logged = numbers | st.sampled_from([math.nan, math.inf, -math.inf])
TEXTS = ["params.p", "tags.`t t`", "run_name"]
SERIES = ["metrics.m", "min(metrics.m)", "max(metrics.m)", "mean(metrics.m)", "count(metrics.m)"]
patterns = st.sampled_from(["^a", "A|b", "x{3}", "^$", "é", "[0-9]"])
conditions = st.one_of(
    st.tuples(st.sampled_from(TEXTS), st.sampled_from(TEXT_SIGNS), words),
    st.tuples(st.sampled_from(TEXTS), st.sampled_from(["IN", "NOT IN"]), st.lists(words, min_size=1, max_size=3)),
    st.tuples(
        st.sampled_from(TEXTS), st.sampled_from(["~", "!~"]), st.sampled_from(["^a", "A|b", "x{3}", "^$", "é", "[0-9]"])
    ),
    st.tuples(st.sampled_from(["params.p", *SERIES]), st.sampled_from(NUMBER_SIGNS), numbers),
    st.tuples(
        st.sampled_from(["params.p", *SERIES]),
        st.sampled_from(["IN", "NOT IN"]),
        st.lists(numbers, min_size=1, max_size=3),
    ),
    st.tuples(st.sampled_from(["params.p", *SERIES, "end_time"]), st.sampled_from(RANGES), st.tuples(numbers, numbers)),
    st.tuples(
        st.sampled_from(["start_time", "end_time", "duration"]),
        st.sampled_from(NUMBER_SIGNS),
        st.sampled_from([0, 1, 2, 0.5, 1.5, -1e30, 1e30]),
    ),
    st.tuples(
        st.sampled_from([*TEXTS, "metrics.m", "end_time", "duration"]),
        st.sampled_from(["IS NULL", "IS NOT NULL"]),
        st.none(),
    ),
    st.tuples(st.just("word"), st.just(""), st.sampled_from(["a", "A", "2.5", "%", "_", "T t"])),
    st.tuples(st.just("tag:"), st.just(""), words.filter(lambda word: word and "'" not in word) | st.just("t t")),
)
filters = st.recursive(
    conditions,
    lambda parts: st.one_of(
        st.tuples(st.just("NOT"), parts),
        st.tuples(st.sampled_from(["AND", "OR"]), st.lists(parts, min_size=1, max_size=3)),
    ),
    max_leaves=6,
)
series = st.lists(logged, min_size=1, max_size=1) | st.lists(numbers | st.just(math.nan), min_size=1, max_size=3)
run_values = st.fixed_dictionaries(
    {
        "name": words,
        "start_time": st.integers(0, 2),
        "end_time": st.none() | st.integers(0, 3),
        "params": st.just({}) | st.fixed_dictionaries({"p": words}),
        "tags": st.just({}) | st.fixed_dictionaries({"t t": words}),
        "metrics": st.just({}) | st.fixed_dictionaries({"m": series}),
    }
)


def quoted(value):
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


def printed(tree):
    if tree[0] == "NOT":
        return f"NOT ({printed(tree[1])})"
    if tree[0] in ("AND", "OR"):
        return "(" + f" {tree[0]} ".join(map(printed, tree[1])) + ")"
    field, sign, given = tree
    if field in ("word", "tag:"):
        return field.removeprefix("word") + quoted(given)
    if given is None:
        return f"{field} {sign}"
    if sign in RANGES:
        return f"{field} {sign} {given[0]!r} AND {given[1]!r}"
    return f"{field} {sign} " + (f"({', '.join(map(quoted, given))})" if isinstance(given, list) else quoted(given))


def statistic(name, logged):
    """What a series comes to; NaN where it has no number."""
    finite = [value for value in logged if not math.isnan(value)]
    if name in ("last", "count"):
        return logged[-1] if name == "last" else len(logged)
    if not finite:
        return math.nan
    return {"min": min, "max": max, "mean": lambda found: math.fsum(found) / len(found)}[name](finite)


def statistic_of(values, field):
    logged = values["metrics"].get("m")
    return None if logged is None else statistic(field.split("(")[0] if "(" in field else "last", logged)


def held_by(values, field):
    """What a run holds, None for nothing."""
    start, end = values["start_time"], values["end_time"]
    return {
        "params.p": values["params"].get("p"),
        "tags.`t t`": values["tags"].get("t t"),
        **{field: statistic_of(values, field) for field in SERIES},
        "run_name": values["name"],
        "start_time": start,
        "end_time": end,
        "duration": None if end is None else end - start,
    }[field]


def number_of(text):
    try:
        return float(text)
    except ValueError:
        return None


def meets(values, tree):
    """What docs/search.md says, in plain Python."""
    if tree[0] == "NOT":
        return not meets(values, tree[1])
    if tree[0] in ("AND", "OR"):
        return (all if tree[0] == "AND" else any)(meets(values, part) for part in tree[1])
    field, sign, given = tree
    if field == "word":
        return any(
            given.lower() in text.lower() for text in (values["name"], *values["tags"], *values["tags"].values())
        )
    if field == "tag:":
        return any(given in item for item in values["tags"].items())
    return meets_condition(held_by(values, field), sign, given, is_empty=field == "run_name")


def meets_condition(held, sign, given, is_empty):
    if given is None:
        return (held is None or (is_empty and held == "")) == (sign == "IS NULL")
    if held is None:
        return False
    if isinstance(held, str) and isinstance(given if isinstance(given, (str, float)) else given[0], float):
        held = number_of(held)
        return COMPARE[sign](held, given) if held is not None else sign in ("!=", "NOT IN", "NOT BETWEEN")
    return COMPARE[sign](held, given)


TERMS = {
    **{field: lambda values, field=field: number_then(held_by(values, field)) for field in SERIES},
    "params.p": lambda values: param_rank(values["params"].get("p")),
    "tags.`t t`": lambda values: text_rank(values["tags"].get("t t")),
    "run_name": lambda values: text_rank(values["name"]),
    "end_time": lambda values: number_then(values["end_time"]),
    "duration": lambda values: number_then(held_by(values, "duration")),
}


def number_then(value):
    """(class, value): lower classes come first whatever the direction."""
    if value is None:
        return 2, 0
    return (1, 0) if math.isnan(value) else (0, value)


def param_rank(text):
    if text is None:
        return 2, 0
    number = number_of(text)
    return (1, text[:200]) if number is None else (0, number)


def text_rank(text):
    return (1, "") if text is None else (0, text[:200])


def in_order(runs, term, descending):
    """Runs by a term, then newest first, then by run_id."""
    tied = sorted(runs, key=lambda pair: (-pair[0].start_time, pair[0].run_id))
    ranks = {run.pk: TERMS[term](values) for run, values in tied}
    result = []
    for group in sorted({rank[0] for rank in ranks.values()}):
        members = [pair for pair in tied if ranks[pair[0].pk][0] == group]
        # Stable, so that ties stay as they are in both directions.
        result += sorted(members, key=lambda pair: ranks[pair[0].pk][1], reverse=descending)
    return [run.pk for run, _ in result]


pieces = st.sampled_from(
    ["metrics.m", "params.p", "tags.t", "status", "start_time", "duration", "`run name`", "=", "!=", "<", ">=", "LIKE",
     "ILIKE", "IN", "NOT", "IS", "NULL", "AND", "(", ")", ",", "1e999", "-0.5", "99999999999999999999", "'a%'",
     "'it''s'", '"', "`", "'", "\0", "\ud800", "é", "%s", "%(x)s", ";", "--"]
)  # fmt: skip
likely = st.builds("{} {} {}".format, pieces, pieces, pieces)


class RandomSearches(TestCase):
    @settings(max_examples=200, deadline=None)
    @given(st.one_of(st.text(max_size=40), likely, st.lists(likely | pieces, max_size=6).map(" AND ".join)))
    def test_any_text_is_answered_or_refused_politely(self, text):
        for search in (lambda: Run.objects.search(text), lambda: Run.objects.search("", [text])):
            with contextlib.suppress(SearchError):
                list(search())

    @settings(max_examples=150, deadline=None)
    @given(st.lists(run_values, max_size=6), filters)
    def test_random_filters_find_what_plain_python_finds(self, data, tree):
        made = [(make_run(**values), values) for values in data]
        expected = {run.pk for run, values in made if meets(values, tree)}
        assert set(Run.objects.search(printed(tree)).values_list("pk", flat=True)) == expected

    @settings(max_examples=100, deadline=None)
    @given(st.lists(run_values, max_size=8), st.sampled_from(list(TERMS)), st.booleans())
    def test_random_orders_are_those_of_plain_python(self, data, term, descending):
        made = [(make_run(**values), values) for values in data]
        found = Run.objects.search("", [f"{term} {'DESC' if descending else 'ASC'}"])
        assert list(found.values_list("pk", flat=True)) == in_order(made, term, descending)


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
