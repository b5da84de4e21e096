"""What filters and orders mean, as clauses."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.search import SearchError
from runs.search.grammar import parse, parse_order
from runs.search.languages import OPERATORS, RUNS, Kind


def read(text):
    return [(clause.kind.value, clause.key, clause.operator, clause.value) for clause in parse(text)]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("", []),
        ("   ", []),
        ("metrics.loss < 0.1", [("metrics", "loss", "<", 0.1)]),
        ("metric.loss>=-1e-3", [("metrics", "loss", ">=", -0.001)]),
        ("metrics.val/loss.best != 3", [("metrics", "val/loss.best", "!=", 3.0)]),
        ("metrics.`a b` = .5", [("metrics", "a b", "=", 0.5)]),
        ('metrics."a b" = 5.', [("metrics", "a b", "=", 5.0)]),
        ("params.optimizer = 'adam'", [("params", "optimizer", "=", "adam")]),
        ('param.optimizer = "adam"', [("params", "optimizer", "=", "adam")]),
        ("parameters.a-b != ''", [("params", "a-b", "!=", "")]),
        ("params.lr < 0.01", [("params", "lr", "<", 0.01)]),
        ("params.lr IN ('0.1', '0.2')", [("params", "lr", "IN", ("0.1", "0.2"))]),
        ("params.lr NOT  IN ('0.1')", [("params", "lr", "NOT IN", ("0.1",))]),
        ("tags.`mlflow.user` LIKE '%ada%'", [("tags", "mlflow.user", "LIKE", "%ada%")]),
        ("tag.x ilike 'A_'", [("tags", "x", "ILIKE", "A_")]),
        ("tags.x IS NULL", [("tags", "x", "IS NULL", None)]),
        ("params.x is not null", [("params", "x", "IS NOT NULL", None)]),
        ("status = 'FAILED'", [("attributes", "status", "=", "FAILED")]),
        ("attributes.start_time > 1795521600000", [("attributes", "start_time", ">", 1795521600000.0)]),
        ("attr.created <= 5", [("attributes", "start_time", "<=", 5.0)]),
        ("run.run_id IN ('a', \"b\")", [("attributes", "run_id", "IN", ("a", "b"))]),
        ("run_id IN ('a',)", [("attributes", "run_id", "IN", ("a",))]),
        ("params.'lr' = 'it''s'", [("params", "lr", "=", "it's")]),
        ('tags.x = "say ""hi"", it\'s"', [("tags", "x", "=", 'say "hi", it\'s')]),
        ("run_name = 'x'", [("attributes", "name", "=", "x")]),
        ("`Run name` = 'x'", [("attributes", "name", "=", "x")]),
        (
            "metrics.a > 1 and params.b = 'AND' AND tags.c = 'x'",
            [("metrics", "a", ">", 1.0), ("params", "b", "=", "AND"), ("tags", "c", "=", "x")],
        ),
        ("params.android = 'a' AND tags.inner = 'b'", [("params", "android", "=", "a"), ("tags", "inner", "=", "b")]),
    ],
)
def test_a_filter_is_read(text, clauses):
    assert read(text) == clauses


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("metrics.loss => 0.1", 13, "Unknown comparator '=>' at character 14. Did you mean '>='?"),
        ("metrics.loss == 0.1", 13, "Did you mean '='?"),
        ("metrics.loss LIKE 'a'", 13, "can't be used on metrics.loss. Use one of: =, !=, <"),
        ("metrics.loss < 'a'", 15, "is not a number"),
        ("metrics.loss < adam", 15, "is not a number"),
        ("metrics.loss <", 14, "ends too early. Expected a value"),
        ("metrics.loss", 12, "ends too early. Expected a comparator"),
        ("metrics. < 1", 0, "A key is missing after metrics."),
        ("metrix.loss < 1", 0, "Unknown kind 'metrix' at character 1. Did you mean metrics.loss?"),
        ("colour = 'red'", 0, "Unknown attribute 'colour'"),
        ("attributes.stat = 'x'", 0, "Did you mean status?"),
        ("params.optimizer = adam", 19, "Put adam in quotes: 'adam'"),
        ("params.lr < '0.1'", 12, "Write 0.1 without quotes"),
        ("tags.x = 5", 9, "Put 5 in quotes"),
        ("params.x = 'adam", 11, "The ' at character 12 is never closed"),
        ("tags.`x = 'a'", 5, "The ` at character 6 is never closed"),
        ("metrics.a < 1 AND", 17, "ends too early. Expected a condition"),
        ("metrics.a < 1 OR metrics.b > 2", 14, "'OR' at character 15 is not known here"),
        ("metrics.a < 1 metrics.b > 2", 14, "Expected AND and another condition"),
        ("params.x IN ()", 9, "list after IN is empty"),
        ("params.x IN 'a'", 12, "Expected a list"),
        ("params.x IN ('a'", 16, "ends too early"),
        ("(metrics.a < 1)", 0, "out of place"),
        ("metrics.a IS NULL", 10, "can't be used on metrics.a"),
        ("status > 'a'", 7, "can't be used"),
        ("params.a = '\0'", 12, "U+0000 at character 13"),
        ("tags.`\ud800` = 'a'", 6, "U+D800 at character 7"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_the_remedy(text, column, message):
    with pytest.raises(SearchError) as refused:
        parse(text)
    assert message in refused.value.message
    assert refused.value.column == column


def test_a_filter_beyond_all_measure_is_refused():
    with pytest.raises(SearchError, match="10000 are allowed"):
        parse("metrics.a < 1 AND " * 1000)
    with pytest.raises(SearchError, match="200 are allowed"):
        parse(" AND ".join(["metrics.a < 1"] * 201))


@pytest.mark.parametrize(
    ("term", "order"),
    [
        ("metrics.loss", (Kind.METRIC, "loss", False)),
        ("metrics.loss desc", (Kind.METRIC, "loss", True)),
        ("params.`a b` ASC", (Kind.PARAM, "a b", False)),
        ('tags."x" DESC', (Kind.TAG, "x", True)),
        ("start_time DESC", (Kind.ATTRIBUTE, "start_time", True)),
        (" attributes.end_time ", (Kind.ATTRIBUTE, "end_time", False)),
    ],
)
def test_an_order_is_read(term, order):
    (found,) = parse_order([term])
    assert (found.kind, found.key, found.descending) == order


@pytest.mark.parametrize(
    "term",
    ["", " ", "up", "metrics.", "metrix.a", "metrics.a, metrics.b", "DESC", "metrics.a DESC DESC", "metrics.a = 1",
     "metrics.a nulls first", "metrics.`a", "metrics.\0", "metrics.`\ud800`", "metrics.a" + " " * 20_000 + "b"],
)  # fmt: skip
def test_a_wrong_order_is_refused(term):
    with pytest.raises(SearchError) as refused:
        parse_order([term])
    assert refused.value.field == "order_by"


def test_an_order_of_many_terms_is_refused():
    with pytest.raises(SearchError, match="10 are allowed"):
        parse_order(["metrics.a"] * 11)


fragments = st.sampled_from(
    ["metrics.", "params.", "tags.", "loss", "`a b`", '"x', "'", "=", "<", "!=", "=>", "LIKE", "IN", "NOT IN",
     "IS NULL", "(", ")", ",", "0.1", "-", "1e5", " ", "AND", "OR", "status", "\n", "é", "\\", "'a'", "%"]
)  # fmt: skip


@given(
    st.one_of(st.text(max_size=80), st.lists(fragments, max_size=12).map(" ".join), st.lists(fragments).map("".join))
)
def test_any_text_is_read_or_refused_politely(text):
    try:
        parse(text)
        parse_order([text])
    except SearchError as error:
        assert error.message  # noqa: PT017 - either way is right


keys = st.text(st.characters(exclude_characters="`", exclude_categories=["Cs", "Cc"]), min_size=1)
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("metrics"), keys, st.sampled_from(["=", "!=", "<", ">="]), st.floats(-1e9, 1e9)),
            st.tuples(st.sampled_from(["params", "tags"]), keys, st.sampled_from(["=", "!=", "LIKE", "ILIKE"]), texts),
        ),
        max_size=5,
    )
)
def test_printed_clauses_are_read_as_they_were(clauses):
    def printed(kind, key, operator, value):
        text = repr(value) if isinstance(value, float) else "'" + value.replace("'", "''") + "'"
        return f"{kind}.`{key}` {operator} {text}"

    assert read(" AND ".join(printed(*clause) for clause in clauses)) == clauses


@pytest.mark.parametrize("name", [*OPERATORS, *RUNS.entities, *(name for name in RUNS.attributes if name.islower())])
def test_the_manual_knows_every_word(name):
    manual = (Path(__file__).parents[3] / "docs/search.md").read_text()
    assert f"`{name}`" in manual or f"`{name}." in manual
