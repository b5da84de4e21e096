"""`Run.objects.search`: the runs that a filter finds, and their order."""

import math
import operator
import re

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from runs.models import Run
from tests.factories import NOON, make_run

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
        ("metrics.loss != 0.8", ["low"]),
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
        ("params.lr != 0.1", ["low"]),
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
    ],
)
def test_an_order_puts_what_is_missing_last_both_ways(order, names, runs):
    assert found("", *order) == names


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("metrics.loss < 0.5", "metric_search"),
        ("params.opt = 'adam'", "param_search"),
        ("tags.kind = 'x'", "tag_search"),
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
}
words = st.sampled_from(["", "a", "A", "b", "ab", "é", "a%", "1", "2.5", "x" * 201, "x" * 202])
values = st.sampled_from([-1.0, 0.0, 0.5, 2.5, math.nan, math.inf])


def like(pattern, text, ignore_case=False):
    translated = "".join({"%": ".*", "_": "."}.get(char, re.escape(char)) for char in pattern)
    return re.fullmatch(translated, text, re.DOTALL | (re.ASCII | re.IGNORECASE if ignore_case else 0)) is not None


class RandomFilters(TestCase):
    @settings(max_examples=80, deadline=None)
    @given(
        st.lists(st.tuples(st.none() | words, st.none() | values), max_size=6),
        st.one_of(
            st.tuples(st.just("params.p"), st.sampled_from(["=", "!=", "LIKE"]), words),
            st.tuples(st.just("metrics.m"), st.sampled_from(list(COMPARE)), st.sampled_from([-1.0, 0.0, 0.5, 2.5])),
        ),
    )
    def test_random_filters_find_what_plain_python_finds(self, data, condition):
        made = [make_run(params={} if p is None else {"p": p}, metrics={} if m is None else {"m": m}) for p, m in data]
        field, sign, value = condition
        expected = set()
        for run, (param, metric) in zip(made, data, strict=True):
            held = param if field == "params.p" else None if metric is None or math.isnan(metric) else metric
            if held is not None and (like(value, held) if sign == "LIKE" else COMPARE[sign](held, value)):
                expected.add(run.pk)
        text = f"{field} {sign} " + (f"'{value}'" if isinstance(value, str) else repr(value))
        assert set(Run.objects.search(text).values_list("pk", flat=True)) == expected
