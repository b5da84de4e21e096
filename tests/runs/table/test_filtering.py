"""The filter of a table: chips, mistakes, and which condition is to blame."""

import pytest

from runs.search import grammar
from runs.table.filtering import nearest
from runs.table.suggestions import suggestions
from runs.table.words import in_words
from tests.factories import make_experiment, make_run
from tests.runs.table.pages import names, table_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lr<0.2", ("lr", "<", "0.2")),
        ("params.opt = 'adam'", ("param opt", "is", "adam")),
        ("metrics.loss BETWEEN 0.1 AND 0.3", ("metric loss", "from", "0.1 to 0.3")),
        ("min(metrics.loss) != 1", ("min of metric loss", "is not", "1")),
        ("tag:base", ("tag", "is", "base")),
        ("-tag:base", ("tag", "is not", "base")),
        ("-resnet", ("", "does not contain", "resnet")),
        ("name:res", ("name", "contains", "res")),
        ("commit:9c", ("git commit", "begins with", "9c")),
        ("NOT seed=3", ("seed", "is not", "3")),
        ("has(metrics.loss)", ("metric loss", "is there", "")),
        ("start_time > '2026-11-01'", ("started", "after", "1 Nov 2026")),
        ("start_time <= '2026-11-01 10:30'", ("started", "until", "1 Nov 2026, 10:30")),
        ("duration > 90min", ("duration", ">", "1 h 30 min")),
        ("status IN ('FAILED', 'KILLED')", ("status", "is one of", "FAILED, KILLED")),
        ("params.opt = ''", ("param opt", "is", "''")),
        ("status:failed OR tag:x", ("", "", "state = 'FAILED' OR tag:'x'")),
        ("start_time > 1e300", ("started", "after", "1e+300")),
    ],
)
def test_a_chip_says_what_a_condition_means(text, words):
    assert in_words(grammar.parse(text)) == words


@pytest.fixture
def experiment():
    found = make_experiment()
    for number in range(4):
        make_run(
            found, name=f"run-{number}", params={"lr": f"0.{number}", "opt": "adam"}, metrics={"val/loss": number},
            tags={"team": "x", "mlflow.user": "u"},
        )  # fmt: skip
    return found


def test_a_mistake_keeps_the_last_filter_that_was_right(experiment):
    table = table_of(experiment, q="lr<0.2 AND", known="lr<0.2")
    assert names(table) == names(table_of(experiment, q="lr<0.2"))
    assert table.filter.error is not None
    assert ("known", "lr<0.2") in table.links.search_fields


def test_a_last_filter_that_is_wrong_too_counts_as_none(experiment):
    assert len(names(table_of(experiment, q="(", known=")"))) == 4


def test_the_condition_to_blame_is_named_with_counts(experiment, client):
    query = {"q": "lr<0.2 opt=sgd val/loss<9"}
    blamed = [(blame.chip.text, blame.runs) for blame in table_of(experiment, **query).filter.blame()]
    assert blamed == [("opt=sgd", 2), ("lr<0.2", 0), ("val/loss<9", 0)]
    html = client.get(f"/experiments/{experiment.pk}/", query).text
    assert "Without “opt=sgd”" in html


def test_without_a_condition_the_others_mean_the_same(experiment):
    table = table_of(experiment, q="has y (run)")
    chip = next(chip for chip in table.filter.chips if chip.text == "y")
    assert "q=has+AND+%28run%29" in chip.without


@pytest.mark.parametrize("query", ["has AND y AND (loss=1)", "min y (loss)", " ".join(["x=1"] * 200)])
def test_filters_that_find_nothing_have_a_page(experiment, client, query):
    assert client.get(f"/experiments/{experiment.pk}/", {"q": query}).status_code == 200


def test_a_key_is_known_by_its_initials():
    assert nearest("lr", ["learning_rate", "alpha"]) == "learning_rate"


def test_keys_that_no_run_has_are_named_with_the_nearest(experiment):
    table = table_of(experiment, q="loss<9 params.lrr < 1 tags.tem = 'x'")
    assert table.filter.unknown_keys == [("loss", "val/loss"), ("params.lrr", "lr"), ("tags.tem", "team")]


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("val", ["val/loss"]),
        ("lr<1 o", ["opt"]),
        ("-te", ["tags.team"]),
        ("status:f", ["status:finished", "status:failed"]),
        ("sin", ["since:"]),
        ("dura", ["duration"]),
        ("opt=", ["opt=adam"]),
        ("opt != a", ["opt!=adam"]),
        ("tag:te", ["tag:team"]),
        ("has:o", ["has:opt"]),
        ("since:", ["since:1d"]),
        ("min(val", ["val/loss"]),
    ],
)
def test_what_may_be_typed_next(experiment, typed, texts):
    found = [text for text, _ in suggestions(typed, experiment.pk)]
    assert [text for text in texts if text in found] == texts


@pytest.mark.parametrize("number", [999, 10**20])
def test_an_experiment_that_is_not_there_suggests_nothing(client, number):
    assert client.get(f"/experiments/{number}/keys/").status_code == 404


def test_suggestions_come_from_the_experiment_alone(experiment, client):
    make_run(make_experiment(), params={"elsewhere": "1"})
    assert client.get(f"/experiments/{experiment.pk}/keys/", {"q": "elsew"}).json() == {"suggestions": []}
    assert client.get("/search/keys/", {"q": "elsew"}).json() == {"suggestions": [["elsewhere", "param"]]}


def test_keys_of_clients_are_not_suggested(experiment):
    assert suggestions("tags.mlflow", experiment.pk) == []
