"""Everything that a table shows is in its address."""

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from runs.table.state import MAX_COLUMNS, MAX_PINS, State

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=8).map(
    str.strip
)
lists = st.lists(texts.filter(bool), unique=True, max_size=3).map(tuple)
states = st.builds(
    State,
    text=texts,
    sort=texts,
    descending=st.booleans(),
    size=st.sampled_from([25, 50, 100, 250]),
    columns=lists,
    every_param=st.booleans(),
    groups=lists,
    spread=st.sampled_from(["sd", "se", "ci", "median"]),
    base=texts,
    pins=lists,
    percent=st.booleans(),
    flat=st.booleans(),
    view=st.sampled_from(["table", "split", "charts"]),
    draw=st.sampled_from(["5", "10", "best", "page", "none"]),
    trash=st.booleans(),
)


@settings(deadline=None)
@given(states)
def test_an_address_says_all_of_the_state(state):
    assert State.of(QueryDict(state.address().lstrip("?"))) == state


def test_the_usual_state_needs_no_address():
    assert State.of(QueryDict()).address() == "?"


@pytest.mark.parametrize(
    "query",
    ["rows=7", "rows=x", "spread=wide", "view=upside", "desc=maybe", "params=some", "tree=yes", "group=%00", "pin=%00"],
)
def test_what_makes_no_sense_counts_as_nothing_said(query):
    assert State.of(QueryDict(query)) == State()


def test_runs_to_draw_are_named_or_counted():
    assert State.of(QueryDict("draw=best")).draw == "best"
    assert State.of(QueryDict("draw=a&draw=b")).drawn == ("a", "b")
    assert State.of(QueryDict("draw=a&draw=b")).address() == "?draw=a&draw=b"


def test_lists_end_somewhere():
    state = State.of(QueryDict("&".join(f"pin=p{number}&column=c{number}" for number in range(200))))
    assert (len(state.pins), len(state.columns)) == (MAX_PINS, MAX_COLUMNS)


def test_a_change_begins_at_the_first_page():
    assert State.of(QueryDict("q=a&cursor=xyz")).address(sort="run_name") == "?q=a&sort=run_name"
