"""Pages of a search."""

import math

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from runs.models import Run
from runs.paging import page
from tests.factories import NOON, make_experiment, make_run
from trackerweb.errors import InvalidValue

ORDERS = [
    [], ["metrics.m"], ["metrics.m DESC"], ["params.p"], ["params.p DESC"], ["end_time"], ["start_time"],
    ["duration DESC"], ["status", "metrics.m DESC"], ["run_name DESC", "tags.t"],
    ["tags.t DESC", "params.p", "end_time"],
]  # fmt: skip

run_values = st.fixed_dictionaries(
    {
        "start_time": st.integers(NOON, NOON + 2),
        "end_time": st.none() | st.integers(NOON, NOON + 2),
        "name": st.sampled_from(["a", "b"]),
        "status": st.sampled_from(["FINISHED", "FAILED"]),
        "params": st.just({}) | st.sampled_from([{"p": t} for t in ("1", "1.0", "02", "x", "x" * 300, "x" * 301)]),
        "tags": st.just({}) | st.sampled_from([{"t": "é"}, {"t": ""}, {"t": "\n~."}]),
        "metrics": st.just({}) | st.sampled_from([{"m": m} for m in (1.0, 0.1 + 0.2, math.nan, math.inf)]),
    }
)


def walk(order, size):
    """Pages from first to last, then from last to first."""
    pages, cursor = [], None
    while True:
        current = page(Run.objects.search("", order), cursor, size)
        pages.append([run.pk for run in current.items])
        if current.next_cursor is None:
            break
        cursor = current.next_cursor
    back = [pages[-1]]
    while current.previous_cursor is not None:
        current = page(Run.objects.search("", order), current.previous_cursor, size)
        back.append([run.pk for run in current.items])
    return pages, back[::-1]


class Pages(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(st.lists(run_values, max_size=9), st.sampled_from(ORDERS), st.integers(1, 4))
    def test_pages_make_up_the_whole_order_both_ways(self, runs, order, size):
        for values in runs:
            make_run(**values)
        whole = list(Run.objects.search("", order).values_list("pk", flat=True))
        pages, back = walk(order, size)
        assert [pk for cut in pages for pk in cut] == whole
        assert [pk for cut in back for pk in cut] == whole


@pytest.mark.django_db
@pytest.mark.parametrize("cursor", ["x", "é", "====", "W10", "bnVsbA", "WzFd", "e30", "~", "a~b", "\ud800", "a" * 9999])
def test_a_cursor_that_is_not_ours_is_refused(cursor):
    with pytest.raises(InvalidValue, match="no cursor of ours"):
        page(Run.objects.search(), cursor, 10)


@pytest.mark.django_db
def test_a_cursor_that_was_changed_is_refused():
    for _ in range(2):
        make_run()
    cursor = page(Run.objects.search(), None, 1).next_cursor
    with pytest.raises(InvalidValue, match="no cursor of ours"):
        page(Run.objects.search(), "x" + cursor[1:], 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("order", "other"),
    [
        ([], ["metrics.m"]),
        (["metrics.m"], ["metrics.n"]),
        (["metrics.m"], ["metrics.m DESC"]),
        (["params.p"], ["tags.p"]),
        (["run_name"], ["user_id"]),
    ],
)
def test_a_cursor_of_another_order_is_refused(order, other):
    for _ in range(2):
        make_run()
    cursor = page(Run.objects.search("", order), None, 1).next_cursor
    with pytest.raises(InvalidValue, match="another order"):
        page(Run.objects.search("", other), cursor, 1)


@pytest.mark.django_db
def test_a_cursor_stays_short_and_the_same_however_long_the_values_are():
    for end in "ab":
        make_run(name="x" * 50_000 + end, params={"p": "x" * 50_000 + end})
    order = ["params.p", "run_name"]
    first, second = (page(Run.objects.search("", order), None, 1).next_cursor for _ in range(2))
    assert len(first) < 300
    assert first == second
    assert len(page(Run.objects.search("", order), first, 1).items) == 1


@pytest.mark.django_db
def test_a_page_at_any_depth_begins_at_its_place_in_the_index():
    experiment = make_experiment()
    for _ in range(3):
        make_run(experiment)
    runs = Run.objects.in_experiments([experiment.pk])
    cursor = page(runs.search(), None, 1).next_cursor
    with CaptureQueriesContext(connection) as queries:
        page(runs.search(), cursor, 1)
    assert '"start_time" <= ' in queries[0]["sql"]
    assert len(queries) == 1
