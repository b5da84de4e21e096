"""A filter that is printed is read as it was."""

import re

from hypothesis import given
from hypothesis import strategies as st

from runs.search.grammar import parse
from runs.search.languages import RUNS, STATISTICS, Kind
from runs.search.tree import All, AnyOf, Clause, Not, printed

keys = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
numbers = st.floats(allow_nan=False, allow_infinity=False)
LAST = st.just("last")


def clauses(kind, operators, values, some_keys=keys, statistics=LAST):
    return st.builds(Clause, st.just(kind), some_keys, st.sampled_from(operators), values, statistics)


def kinds_of_values(kind, some_keys, single, value, **rest):
    """Clauses of a kind with every form that a value has."""
    return st.one_of(
        clauses(kind, single, value, some_keys, **rest),
        clauses(kind, ["IN", "NOT IN"], st.lists(value, min_size=1, max_size=3).map(tuple), some_keys, **rest),
        clauses(kind, ["IS NULL", "IS NOT NULL"], st.none(), some_keys, **rest),
    )


ranges = st.tuples(numbers, numbers)
compared = ["=", "!=", "<", "<=", ">", ">="]
matched = ["=", "!=", "LIKE", "ILIKE"]
labels = texts.filter(lambda text: text and "'" not in text)
any_clause = st.one_of(
    kinds_of_values(Kind.METRIC, keys, compared, numbers, statistics=st.sampled_from(STATISTICS)),
    clauses(Kind.METRIC, ["BETWEEN", "NOT BETWEEN"], ranges),
    kinds_of_values(Kind.PARAM, keys, compared, numbers),
    clauses(Kind.PARAM, ["BETWEEN", "NOT BETWEEN"], ranges),
    kinds_of_values(Kind.PARAM, keys, matched, texts),
    kinds_of_values(Kind.TAG, keys, matched, texts),
    clauses(Kind.TAG, ["~", "!~"], texts.map(re.escape).filter(lambda text: len(text) < 1000)),
    kinds_of_values(Kind.DATASET, st.sampled_from(["name", "digest", "context"]), matched, texts),
    kinds_of_values(Kind.ATTRIBUTE, st.sampled_from(["name", "user", "artifact", "note"]), matched, texts),
    kinds_of_values(Kind.ATTRIBUTE, st.sampled_from(["duration", "start_time"]), compared, numbers),
    kinds_of_values(Kind.ANY, keys.filter(lambda key: key not in RUNS.attributes), matched, texts),
    kinds_of_values(Kind.ANY, st.sampled_from(["lr", "and", "val.loss", "a b"]), compared, numbers),
    st.builds(Clause, st.just(Kind.WORD), st.just(""), st.just("="), texts),
    st.builds(
        Clause, st.just(Kind.LABEL), st.just(""), st.just("="), texts.filter(lambda text: text and "'" not in text)
    ),
)
trees = st.recursive(
    any_clause,
    lambda parts: st.one_of(
        parts.map(Not),
        st.lists(parts, min_size=2, max_size=3).map(lambda found: All(tuple(found))),
        st.lists(parts, min_size=2, max_size=3).map(lambda found: AnyOf(tuple(found))),
    ),
    max_leaves=8,
)


@given(trees)
def test_a_printed_tree_is_read_as_it_was(tree):
    assert parse(printed(tree, RUNS)) == tree


def test_nothing_is_printed_as_nothing():
    assert printed(parse(" "), RUNS) == ""
