"""What filters and orders mean, as clauses."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.search import SearchError, grammar
from runs.search.grammar import MAX_DEPTH, parse, parse_order
from runs.search.languages import OPERATORS, RUNS, SPELLED_OUT, STATISTICS, Kind
from runs.search.short_forms import SHORT_FORMS
from runs.search.tree import All, AnyOf, Clause, Not, clauses_of, conjuncts
from tests.factories import NOON

MANUAL = (Path(__file__).parents[3] / "docs/search.md").read_text()


def read(text, language=RUNS):
    found = parse(text, language)
    assert all(isinstance(part, Clause) for part in conjuncts(found))
    return [(clause.kind.value, clause.key, clause.operator, clause.value) for clause in clauses_of(found)]


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
        ("metrics.loss", 12, "needs a comparator after it, as in metrics.loss = 1, or has(metrics.loss)"),
        ("metrics. < 1", 0, "A key is missing after metrics."),
        ("metrix.loss < 1", 0, "Unknown kind 'metrix' at character 1. Did you mean metrics.loss?"),
        ("attributes.statu = 'x'", 0, "Did you mean status?"),
        ("params.lr < '0.1'", 12, "Write 0.1 without quotes"),
        ("params.lr < adam", 12, "compares numbers, and adam is none"),
        ("params.x = 'adam", 11, "The ' at character 12 is never closed"),
        ("tags.`x = 'a'", 5, "The ` at character 6 is never closed"),
        ("metrics.a < 1 AND", 17, "ends too early. Expected a condition"),
        ("metrics.a < 1 OR", 16, "ends too early. Expected a condition"),
        ("NOT", 3, "ends too early. Expected a condition"),
        ("(metrics.a < 1", 14, "ends too early"),
        ("metrics.a < 1)", 13, "')' at character 14 is out of place"),
        ("params.x IN ()", 9, "list after IN is empty"),
        ("params.x IN 'a'", 12, "Expected a list"),
        ("params.x IN ('a'", 16, "ends too early"),
        ("params.x IN ('a', 3)", 18, "The list holds text and numbers. Put 3 in quotes"),
        ("metrics.a BETWEEN 1", 19, "Expected AND and another condition"),
        ("metrics.a BETWEEN 1 AND 'b'", 24, "is not a number"),
        ("tags.a BETWEEN 1 AND 2", 7, "BETWEEN can't be used on tags.a"),
        ("min(params.lr) < 1", 4, "min() at character 5 is of metrics alone"),
        ("tags.a ~ '('", 9, "'(' is no regular expression: missing ): ("),
        (f"tags.a ~ '{'a' * 1001}'", 9, "This pattern has 1001 characters. 1000 are allowed"),
        ("start_time > 'tomorrow week'", 13, "is no time. Write '2026-11-01'"),
        ("start_time > 2026-13-01", 13, "is no time"),
        ("duration > '3 fortnights'", 11, "is no duration. Write '90s', '2h'"),
        ("status:fine", 7, "state is never 'fine'. Use one of RUNNING, SCHEDULED, FINISHED, FAILED, KILLED, STALE"),
        ("state LIKE 'F%'", 6, "LIKE can't be used on attributes.state"),
        ("since:whenever", 6, "is no time"),
        (
            "colour:red",
            0,
            "Unknown short form 'colour:' at character 1. For a key write colour=red. Use one of",
        ),
        ("lr<1 since:", 11, "Something has to follow since: at character 11, as in since:2d."),
        ("acc>97%", 4, "compares numbers, and 97% is none"),
        ("(metrics.a < 1 metrics.b > 2", 28, "Expected ) to close the parenthesis"),
        ("metrics.a IS NOT", 16, "ends too early"),
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


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("colour = 'red'", 0, "Unknown attribute 'colour'"),
        ("params.optimizer = adam", 19, "Put adam in quotes: 'adam'"),
        ("tags.x = 5", 9, "Put 5 in quotes"),
        (
            "adam",
            0,
            "'adam' at character 1 is no condition. Expected a condition such as metrics.loss < 0.1. To find a ",
        ),
        ("metrics.a < 1 AND -adam", 19, "is no condition"),
        ("metrics.a < 1 and this is no filter", 18, "'this' at character 19 is no condition"),
        ("tag:base", 0, "is no condition"),
        ("lr < 3", 0, "Unknown attribute 'lr'"),
    ],
)
def test_spelled_out_a_filter_has_no_short_forms(text, column, message):
    parse(text)
    with pytest.raises(SearchError) as refused:
        parse(text, SPELLED_OUT)
    assert message in refused.value.message
    assert refused.value.column == column


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("resnet", [("word", "", "=", "resnet")]),
        ("resnet-50 3fa9 'two words' \"and two\"", [
            ("word", "", "=", "resnet-50"), ("word", "", "=", "3fa9"), ("word", "", "=", "two words"),
            ("word", "", "=", "and two"),
        ]),
        ("lr<1e-3 loss>=.2", [("any", "lr", "<", 0.001), ("any", "loss", ">=", 0.2)]),
        ("val/loss<1", [("any", "val/loss", "<", 1.0)]),
        ("optim.lr<1", [("any", "optim.lr", "<", 1.0)]),
        ("optimizer=adam", [("any", "optimizer", "=", "adam")]),
        ("params.optimizer = adam", [("params", "optimizer", "=", "adam")]),
        ("status:failed", [("attributes", "state", "=", "FAILED")]),
        ("tag:base tag:'two words'", [("label", "", "=", "base"), ("label", "", "=", "two words")]),
        ("name:res user:ada", [("attributes", "name", "ILIKE", "%res%"), ("attributes", "user", "ILIKE", "%ada%")]),
        ("id:3fa commit:9c", [("attributes", "run_id", "LIKE", "3fa%"), ("attributes", "git_commit", "LIKE", "9c%")]),
        ("has:loss has:metrics.acc", [("any", "loss", "IS NOT NULL", None), ("metrics", "acc", "IS NOT NULL", None)]),
    ],
)  # fmt: skip
def test_short_forms_are_read(text, clauses):
    assert read(text) == clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("metrics.a BETWEEN 0.1 AND 0.3", [("metrics", "a", "BETWEEN", (0.1, 0.3))]),
        ("params.lr not between 1 and 2 AND tags.x = 'y'", [
            ("params", "lr", "NOT BETWEEN", (1.0, 2.0)), ("tags", "x", "=", "y"),
        ]),
        ("metrics.a IN (1, 2)", [("metrics", "a", "IN", (1.0, 2.0))]),
        ("params.lr NOT IN (0.1, 0.2)", [("params", "lr", "NOT IN", (0.1, 0.2))]),
        ("metrics.a IS NULL", [("metrics", "a", "IS NULL", None)]),
        ("end_time IS NULL", [("attributes", "end_time", "IS NULL", None)]),
        ("has(params.lr)", [("params", "lr", "IS NOT NULL", None)]),
        ("tags.a ~ '^v[0-9]+$'", [("tags", "a", "~", "^v[0-9]+$")]),
        ("run_name !~ 'x'", [("attributes", "name", "!~", "x")]),
        ("duration > 2h", [("attributes", "duration", ">", 7_200_000.0)]),
        ("duration <= '1h 30min'", [("attributes", "duration", "<=", 5_400_000.0)]),
        ("start_time > '2026-11-01'", [("attributes", "start_time", ">", 1_793_491_200_000.0)]),
        ("start_time > 2026-11-01", [("attributes", "start_time", ">", 1_793_491_200_000.0)]),
        ("start_time >= '2026-11-01 01:00'", [("attributes", "start_time", ">=", 1_793_494_800_000.0)]),
        ("start_time >= '2026-11-01T01:00:00.001+01:00'", [("attributes", "start_time", ">=", 1_793_491_200_001.0)]),
        ("start_time = '2026-11-01'", [
            ("attributes", "start_time", "BETWEEN", (1_793_491_200_000.0, 1_793_577_599_999.0)),
        ]),
        ("start_time != '2026-11-01'", [
            ("attributes", "start_time", "NOT BETWEEN", (1_793_491_200_000.0, 1_793_577_599_999.0)),
        ]),
    ],
)  # fmt: skip
def test_more_than_mlflow_takes_is_read(text, clauses):
    assert read(text) == clauses


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", "2026-11-24T12:00:00"),
        ("today", "2026-11-24T00:00:00"),
        ("yesterday", "2026-11-23T00:00:00"),
        ("'2 days ago'", "2026-11-22T12:00:00"),
        ("2d", "2026-11-22T12:00:00"),
        ("'1h 30min ago'", "2026-11-24T10:30:00"),
        ("1w", "2026-11-17T12:00:00"),
    ],
)
def test_ages_count_from_now(text, moment, monkeypatch):
    monkeypatch.setattr(grammar, "now_ms", lambda: NOON)
    expected = datetime.fromisoformat(moment + "+00:00").timestamp() * 1000
    assert read(f"start_time > {text}") == [("attributes", "start_time", ">", expected)]
    if "'" not in text:
        assert read(f"since:{text}") == [("attributes", "start_time", ">=", expected)]


@pytest.mark.parametrize("statistic", STATISTICS)
def test_a_metric_has_statistics(statistic):
    assert parse(f"{statistic}(metrics.loss) < 1") == Clause(Kind.METRIC, "loss", "<", 1.0, statistic)
    assert parse(f"{statistic.upper()} ( loss ) < 1") == Clause(Kind.METRIC, "loss", "<", 1.0, statistic)
    (order,) = parse_order([f"{statistic}(metrics.`a b`) DESC"])
    assert (order.key, order.statistic, order.descending) == ("a b", statistic, True)


def test_a_word_for_a_statistic_is_still_a_key():
    assert read("min < 3 count > 2") == [("any", "min", "<", 3.0), ("any", "count", ">", 2.0)]


a, b, c = (Clause(Kind.METRIC, key, "<", 1.0) for key in "abc")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("{a} OR {b} AND {c}", AnyOf((a, All((b, c))))),
        ("{a} or {b} {c}", AnyOf((a, All((b, c))))),
        ("({a} OR {b}) AND {c}", All((AnyOf((a, b)), c))),
        ("NOT {a} AND {b}", All((Not(a), b))),
        ("NOT ({a} AND {b})", Not(All((a, b)))),
        ("NOT NOT {a}", Not(Not(a))),
        ("(({a}))", a),
        ("-a -tag:b", All((Not(Clause(Kind.WORD, "", "=", "a")), Not(Clause(Kind.LABEL, "", "=", "b"))))),
    ],
)
def test_and_binds_closer_than_or_and_not_closest(text, tree):
    assert parse(text.format(a="metrics.a < 1", b="metrics.b < 1", c="metrics.c < 1")) == tree


def test_each_part_knows_its_place():
    text = "(metrics.a < 1 OR lr<2) AND  -tag:base word"
    parts = conjuncts(parse(text))
    assert [text[part.place.column : part.place.end] for part in parts] == [
        "(metrics.a < 1 OR lr<2)", "-tag:base", "word",
    ]  # fmt: skip


def test_nesting_has_an_end():
    parse("(" * (MAX_DEPTH - 1) + "metrics.a < 1" + ")" * (MAX_DEPTH - 1))
    for deep in ("(" * 2000 + "metrics.a < 1" + ")" * 2000, "NOT " * 2000 + "metrics.a < 1"):
        with pytest.raises(SearchError, match=f"{MAX_DEPTH} deep, no deeper"):
            parse(deep)


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


WORDS = [
    *OPERATORS, *RUNS.entities, *(name for name in RUNS.attributes if name.islower()), "AND", "OR", "NOT",
    *(f"{statistic}(" for statistic in STATISTICS), "has(", *(f"{form}:" for form in SHORT_FORMS),
]  # fmt: skip


@pytest.mark.parametrize(
    "text", re.findall(r"(?m)^(?!`)[^`|#-]\S.*$", "\n".join(re.findall(r"(?s)```\n(.*?)```", MANUAL)))
)
def test_the_examples_of_the_manual_are_right(text):
    assert parse(text) != All()


@pytest.mark.parametrize("name", WORDS)
def test_the_manual_knows_every_word(name):
    assert re.search(rf"`{re.escape(name)}[`.a-z0-9<…]", MANUAL)
