"""Random data, filters and orders: the database finds what docs/search.md says, spelled out in plain Python."""

import contextlib
import math
import operator
import re

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from runs.models import Run
from runs.search import SearchError
from tests.factories import make_run

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
    "~": lambda held, given: finds(given, held),
    "!~": lambda held, given: not finds(given, held),
    "BETWEEN": lambda held, given: given[0] <= held <= given[1],
    "NOT BETWEEN": lambda held, given: not given[0] <= held <= given[1],
}
RANGES = ["BETWEEN", "NOT BETWEEN"]
TEXT_SIGNS = ["=", "!=", "LIKE", "ILIKE"]
NUMBER_SIGNS = ["=", "!=", "<", "<=", ">", ">="]


def like(pattern, text, flags=re.NOFLAG):
    translated = "".join({"%": ".*", "_": "."}.get(char, re.escape(char)) for char in pattern)
    return re.fullmatch(translated, text, flags | re.DOTALL) is not None


def finds(pattern, text):
    # In RE2 `$` is the end of the text, in Python also what is before a last line feed.
    return re.search(pattern.replace("$", r"\Z"), text) is not None


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
