"""Rank correlation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from runs.comparing.plots.frame import Column
from runs.comparing.plots.ranks import correlation_ratio, ranks, signed, spearman, strength

values = st.lists(
    st.tuples(st.floats(-1e6, 1e6, width=32), st.sampled_from([0.0, 1.0, 2.5, 7.0])), min_size=3, max_size=40
)


def test_equal_values_share_the_mean_of_their_places():
    assert ranks([10, 20, 20, 5]) == [2, 3.5, 3.5, 1]


@given(values)
def test_it_is_what_scipy_says(pairs):
    one, other = [a for a, _ in pairs], [b for _, b in pairs]
    found = spearman(one, other)
    if len(set(one)) < 2 or len(set(other)) < 2:
        assert found is None
    else:
        assert found == pytest.approx(stats.spearmanr(one, other).statistic, abs=1e-9)


def test_too_few_values_say_nothing():
    assert spearman([1, 2], [1, 2]) is None
    assert correlation_ratio(["a", "b"], [1, 2]) is None


def test_categories_that_tell_all_tell_nothing_or_something():
    assert correlation_ratio(["a", "a", "b", "b"], [1, 1, 5, 5]) == 1
    assert correlation_ratio(["a", "b", "a", "b"], [1, 1, 5, 5]) == 0
    assert 0 < correlation_ratio(["a", "a", "b", "b"], [1, 3, 2, 5]) < 1


def test_a_category_of_its_own_for_each_run_says_nothing():
    assert correlation_ratio(["a", "b", "c"], [1, 2, 3]) is None


def test_rows_without_one_of_the_two_are_left_out():
    one = Column("lr", "number", (1.0, 2.0, None, 3.0))
    other = Column("loss", "number", (3.0, 2.0, 9.0, 1.0))
    assert signed(one, other) == -1
    assert strength(one, other) == 1
