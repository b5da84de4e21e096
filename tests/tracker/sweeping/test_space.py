"""What a parameter may be, said on the command line and in a file."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import InvalidValue
from tracker.sweeping.space import MOST_VALUES, Range, Values, described_domain, parsed, parsed_or_none


@pytest.mark.parametrize(
    ("said", "points"),
    [
        ("0.1,0.01", ("0.1", "0.01")),
        ("adam", ("adam",)),
        ("adam, sgd", ("adam", "sgd")),
        ('"a,b",c', ("a,b", "c")),
        ("0.10,0.010", ("0.10", "0.010")),
        ("1:4", ("1", "2", "3", "4")),
        ("1:10:3", ("1", "4", "7", "10")),
        ("1:9:3", ("1", "4", "7")),
        ("0:1:0.25", ("0.0", "0.25", "0.5", "0.75", "1.0")),
        ("0:0.3:0.1", ("0.0", "0.1", "0.2", "0.3")),
        ("1e-4:0.1:log:n=4", ("0.0001", "0.001", "0.01", "0.1")),
        ("1:1000:log:n=4", ("1", "10", "100", "1000")),
        ("0:1:n=3", ("0", "1")),
        ("0.0:1:n=3", ("0.0", "0.5", "1.0")),
        ("-3:-1", ("-3", "-2", "-1")),
        ("s3://bucket/a", ("s3://bucket/a",)),
        ("", ("",)),
    ],
)
def test_the_command_line_says_these_values(said, points):
    assert parsed(said, "p").points() == points


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("1:ten", "high='ten' is no number"),
        ("1:", "high='' is no number"),
        ("5:1", "low=5 is above high=1"),
        ("0:1:log", "has no logarithm"),
        ("1e-400:1:log", "has no logarithm"),
        ("0:1:1e-30", "more than 2^53 steps"),
        (f"0:{'9' * 33}", "more than 2^53 steps"),
        ("-1.7e308:1.7e308", "is too far"),
        ("1:10:0", "step=0 is not above 0"),
        ("1:10:log:2", "log or a step"),
        ("1:10:2:3", "says its step twice"),
        ("1:10:n=1", "count='1'"),
        ("1:10:n=x", "count='x'"),
        ("1:10:fast", "step='fast' is no number"),
        ("1:inf", "high='inf' is no number"),
        ("1:1e999", "is no number"),
        ("a,b,a", "'a' is there twice"),
    ],
)
def test_what_can_not_be_meant_is_named(said, why):
    with pytest.raises(InvalidValue, match="p: ") as caught:
        parsed(said, "p")
    assert why in str(caught.value)


@pytest.mark.parametrize("said", ["0.0:1", "1e-4:1:log", "1:100:log"])
def test_a_grid_can_not_try_every_number(said):
    with pytest.raises(InvalidValue, match="give it a step"):
        parsed(said, "p").points()


def test_a_grid_has_a_limit():
    with pytest.raises(InvalidValue, match="too many for a grid"):
        parsed(f"1:{MOST_VALUES + 1}", "p").points()


@pytest.mark.parametrize(
    ("value", "points"),
    [
        ([0.1, 0.01], ("0.1", "0.01")),
        (["a,b", "c"], ("a,b", "c")),
        ([True, False], ("true", "false")),
        (3, ("3",)),
        ("adam", ("adam",)),
        ("a,b", ("a,b",)),
        ({"low": 1, "high": 3}, ("1", "2", "3")),
        ({"low": "1e-2", "high": 1, "log": True, "count": 3}, ("0.01", "0.1", "1.0")),
    ],
)
def test_a_file_says_these_values(value, points):
    assert described_domain(value, "p").points() == points


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "is no value"),
        ([[1]], "is no value"),
        ([], "0 values"),
        ({"low": 1}, "high=None is no number"),
        ({"low": 1, "high": 2, "stride": 1}, "a range has no 'stride'"),
        ({"low": True, "high": 2}, "low=True is no number"),
        ({"low": 1, "high": 2, "log": "yes"}, "log='yes'"),
        ("1e-4:0.1:log", "how the command line says a range"),
    ],
)
def test_a_mistake_in_a_file_is_named(value, why):
    with pytest.raises(InvalidValue, match="p: ") as caught:
        described_domain(value, "p")
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("said", "text"), [("a,b", "c"), ("1:10", "11"), ("1:10", "2.5"), ("0.0:1", "abc"), ("0.0:1", "nan"), ("1:9", "")]
)
def test_what_was_never_drawn_is_told(said, text):
    assert not parsed(said, "p").holds(text)


whole = st.integers(-(10**6), 10**6).map(Decimal)
decimals = st.decimals(-1000, 1000, allow_nan=False, places=3)


@st.composite
def ranges(draw) -> Range:
    bounds = draw(st.one_of(st.tuples(whole, whole), st.tuples(decimals, decimals)))
    low, high = sorted(bounds)
    if draw(st.booleans()):
        return Range(abs(low) + 1, abs(low) + 1 + high - low, None, is_log=True)
    return Range(low, high, draw(st.sampled_from([None, Decimal(1), Decimal(7), Decimal("0.125")])))


domains = st.one_of(ranges(), st.lists(st.text(), min_size=1, max_size=9, unique=True).map(tuple).map(Values))


@given(domains, st.floats(0, 1, exclude_max=True))
def test_a_number_drawn_lies_in_its_range(domain, share):
    text = domain.at(share)
    assert domain.holds(text)
    if isinstance(domain, Values):
        assert text in domain.texts
        return
    assert float(domain.low) <= float(text) <= float(domain.high)
    if domain.steps is not None and domain.steps < 1000:
        assert text in domain.points()
    assert not domain.is_whole or text == str(int(text))


@given(domains, st.floats(0, 1, exclude_max=True))
def test_what_was_drawn_is_itself_when_read_as_a_number_again(domain, share):
    text = domain.at(share)
    assert isinstance(domain, Values) or domain.text(float(text)) == text


@given(domains)
def test_what_a_file_says_of_a_domain_means_the_same(domain):
    assert described_domain(domain.described(), "p") == domain


@given(st.text())
def test_any_text_is_a_domain_or_a_named_mistake(said):
    domain = parsed_or_none(said, "p")
    assert domain is None or isinstance(domain.at(0.5), str)
