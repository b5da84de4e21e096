"""Pages of a search."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from runs.models import Run
from runs.paging import page
from tests.factories import NOON, make_run
from trackerweb.errors import InvalidValue

ORDERS = [
    [], ["metrics.m"], ["metrics.m DESC"], ["params.p"], ["params.p DESC"], ["end_time"], ["start_time"],
    ["duration DESC"], ["status", "metrics.m DESC"], ["run_name DESC", "tags.t"],
]  # fmt: skip

run_values = st.fixed_dictionaries(
    {
        "start_time": st.integers(NOON, NOON + 2),
        "end_time": st.none() | st.integers(NOON, NOON + 2),
        "name": st.sampled_from(["a", "b"]),
        "status": st.sampled_from(["FINISHED", "FAILED"]),
        "params": st.just({}) | st.sampled_from([{"p": "1"}, {"p": "02"}, {"p": "x"}, {"p": "x" * 300}]),
        "metrics": st.just({}) | st.sampled_from([{"m": 1.0}, {"m": 0.1 + 0.2}, {"m": math.nan}, {"m": math.inf}]),
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
@pytest.mark.parametrize("cursor", ["x", "é", "====", "W10", "bnVsbA", "WzFd", "e30", "a" * 9999])
def test_a_cursor_that_is_not_ours_is_refused(cursor):
    with pytest.raises(InvalidValue, match="cursor"):
        page(Run.objects.search(), cursor, 10)


@pytest.mark.django_db
def test_a_cursor_of_another_order_is_refused():
    for _ in range(2):
        make_run()
    cursor = page(Run.objects.search(), None, 1).next_cursor
    with pytest.raises(InvalidValue, match="another order"):
        page(Run.objects.search("", ["metrics.m"]), cursor, 1)
