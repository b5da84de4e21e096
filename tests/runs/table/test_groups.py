"""Runs in groups: of all runs that a filter finds, with what their metrics come to."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.models import Run
from runs.search import tree
from runs.search.languages import SPELLED_OUT, Kind
from runs.table.groups import Level
from runs.table.statistics import summarise, t_95
from tests.factories import NOON, make_experiment, make_run
from tests.runs.table.pages import names, table_of

pytestmark = pytest.mark.django_db
DAY = 86_400_000


@pytest.fixture
def experiment():
    """Two models, each with three seeds."""
    found = make_experiment()
    for place, model in enumerate(("cnn", "mlp")):
        for seed in (1, 2, 3):
            make_run(
                found,
                name=f"{model}-s{seed}",
                start_time=NOON + place * DAY + seed,
                params={"model": model, "lr": "0.1", "seed": str(seed)},
                metrics={"loss": [5.0, 1.0 + place + seed / 10]},
                tags={"team": model[0]},
                git_commit="abc" if place else "",
            )
    return found


def groups(table):
    return [(row.label, row.size) for row in table.group_rows]


def summaries(table):
    return [summary for row in table.group_rows for _, summary, _ in row.metrics]


def test_repetitions_are_one_group_with_mean_and_deviation(experiment):
    table = table_of(experiment, group="seeds")
    assert groups(table) == [("mlp", 3), ("cnn", 3)]
    assert [(s.count, round(s.middle, 6), round(s.spread, 6)) for s in summaries(table)] == [
        (3, 2.2, 0.1), (3, 1.2, 0.1),
    ]  # fmt: skip
    assert [row.params[-1][1] for row in table.group_rows] == ["1–3", "1–3"]


def test_repetitions_are_grouped_by_one_click_where_there_are_some(experiment, client):
    offered = 'title="Repetitions as one row'
    assert offered in client.get(f"/experiments/{experiment.pk}/").text
    without = make_experiment()
    make_run(without, params={"lr": "0.1"})
    assert offered not in client.get(f"/experiments/{without.pk}/").text


@pytest.mark.parametrize(
    ("group", "labels"),
    [
        ("params.model", ["cnn", "mlp"]),
        ("params.lr", ["0.1"]),
        ("tags.team", ["c", "m"]),
        ("day", ["2026-11-24", "2026-11-25"]),
        ("git_commit", ["abc", "none"]),
        ("status", ["FINISHED"]),
        ("params.nothing", ["none"]),
    ],
)
def test_what_runs_are_grouped_by(experiment, group, labels):
    assert [label for label, _ in groups(table_of(experiment, group=group))] == labels


@pytest.mark.parametrize(
    "group", ["seeds", "params.model", "tags.team", "day", "git_commit", "status", "params.nothing"]
)
def test_a_group_opens_into_its_runs(experiment, group, client):
    seen = []
    for row in table_of(experiment, group=group).group_rows:
        page = client.get(f"/experiments/{experiment.pk}/{row.address}").context["table"]
        assert page.hits == row.size
        seen += names(page)
    assert sorted(seen) == sorted(Run.objects.values_list("name", flat=True))


def test_values_with_quotes_and_none_open_too(experiment, client):
    make_run(experiment, name="odd", params={"model": 'it\'s "x" `y`'}, user="o'hara")
    for group in ("params.model", "user_id"):
        rows = table_of(experiment, group=group).group_rows
        sizes = [client.get(f"/experiments/{experiment.pk}/{row.address}").context["table"].hits for row in rows]
        assert sizes == [row.size for row in rows]


def test_long_values_are_told_apart_by_their_ends(experiment):
    for end in ("a", "b", "b"):
        make_run(experiment, params={"prompt": "x" * 300 + end})
    assert [size for _, size in groups(table_of(experiment, group="params.prompt"))] == [1, 2, 6]


def test_levels_open_one_after_the_other(experiment, client):
    first = table_of(experiment, group=["params.model", "params.seed"]).group_rows[0]
    page = client.get(f"/experiments/{experiment.pk}/{first.address}").context["table"]
    assert groups(page) == [("1", 1), ("2", 1), ("3", 1)]


def test_a_filter_comes_before_the_groups(experiment):
    assert groups(table_of(experiment, group="params.model", q="params.seed < 3")) == [("cnn", 2), ("mlp", 2)]


def test_a_filter_with_or_stays_whole_in_a_group(experiment, client):
    row = table_of(experiment, group="params.model", q="params.seed = 1 OR params.seed = 2").group_rows[0]
    assert client.get(f"/experiments/{experiment.pk}/{row.address}").context["table"].hits == 2


@pytest.mark.parametrize(("desc", "labels"), [("", ["cnn", "mlp"]), ("1", ["mlp", "cnn"])])
def test_groups_are_sorted_by_the_mean_of_a_metric(experiment, desc, labels):
    table = table_of(experiment, group="params.model", sort="metrics.loss", desc=desc)
    assert [label for label, _ in groups(table)] == labels


def test_numbers_are_sorted_as_numbers():
    experiment = make_experiment()
    for depth in ("10", "9", "x"):
        make_run(experiment, params={"depth": depth})
    make_run(experiment)
    assert [label for label, _ in groups(table_of(experiment, group="params.depth"))] == ["9", "10", "x", "none"]


def test_what_is_no_number_comes_after_the_numbers():
    experiment = make_experiment()
    for value in ("nan", "2", "inf", "1", "-inf"):
        make_run(experiment, params={"p": value})
    assert [label for label, _ in groups(table_of(experiment, group="params.p"))] == ["-inf", "1", "2", "inf", "nan"]


def test_keys_of_any_kind_open(client):
    experiment = make_experiment()
    for key in ("state", "artifact", "a`\"'b"):
        make_run(experiment, params={key: "v"})
        table = table_of(experiment, group=[tree.field_text(Kind.PARAM, key, SPELLED_OUT)])
        assert groups(table)[0] == ("v", 1)
        page = client.get(f"/experiments/{experiment.pk}/{table.group_rows[0].address}")
        assert page.context["table"].hits == 1


def test_a_value_that_no_address_holds_is_shown_without_a_link(client):
    experiment = make_experiment()
    make_run(experiment, params={"prompt": "x" * 12_000})
    page = client.get(f"/experiments/{experiment.pk}/", {"group": "params.prompt"})
    assert page.context["table"].group_rows[0].address == ""
    assert "too long for an address" in page.text


def test_the_best_mean_is_marked(experiment):
    marked = [row.label for row in table_of(experiment, group="params.model").group_rows if row.metrics[0][2]]
    assert marked == ["cnn"]


def test_statistics_of_a_chosen_value(experiment):
    table = table_of(experiment, group="params.model", column=["max(metrics.loss)"])
    assert [summary.middle for summary in summaries(table)] == [5.0, 5.0]


def test_groups_come_in_pages(experiment):
    for number in range(30):
        make_run(experiment, params={"model": f"m{number:02}"})
    first = table_of(experiment, group="params.model", rows="25")
    assert len(first.group_rows) == 25
    assert "cursor=25" in first.next_page
    second = table_of(experiment, group="params.model", rows="25", cursor="25")
    assert (len(second.group_rows), second.next_page) == (7, None)
    assert "cursor" in second.previous_page or second.previous_page


def test_what_is_no_level_is_passed_over(experiment):
    assert table_of(experiment, group=["metrics.loss", "nonsense", "'"]).levels == []
    assert Level.of("run_name") is None


def test_the_page_of_groups_costs_no_query_a_group(experiment, client, django_assert_max_num_queries):
    for number in range(40):
        make_run(experiment, params={"model": f"m{number}"}, metrics={"loss": 1.0})
    with django_assert_max_num_queries(20):
        assert client.get(f"/experiments/{experiment.pk}/", {"group": "seeds"}).status_code == 200


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_summaries_are_those_of_the_standard_library(values):
    found = {how: summarise(list(values), how) for how in ("sd", "se", "ci", "median")}
    assert found["sd"].middle == pytest.approx(statistics.fmean(values))
    assert found["median"].middle == pytest.approx(statistics.median(values))
    assert (found["median"].low, found["median"].high) == (min(values), max(values))
    if len(values) == 1:
        assert found["sd"].spread is None
        return
    deviation = statistics.stdev(values)
    error = deviation / math.sqrt(len(values))
    assert found["sd"].spread == pytest.approx(deviation, rel=1e-6, abs=1e-9)
    assert found["se"].spread == pytest.approx(error, rel=1e-6, abs=1e-9)
    assert found["ci"].spread == pytest.approx(error * t_95(len(values) - 1), rel=1e-6, abs=1e-9)


def test_no_value_comes_to_nothing():
    assert summarise([], "sd") is None


@pytest.mark.parametrize(
    ("freedom", "t"), [(1, 12.706), (9, 2.262), (30, 2.042), (40, 2.021), (120, 1.980), (10**6, 1.960)]
)
def test_students_t_is_that_of_the_tables(freedom, t):
    assert t_95(freedom) == pytest.approx(t, abs=0.001)


@pytest.mark.parametrize(
    ("values", "how", "words"),
    [([1.0, 2.0, 3.0], "sd", "± 1.00"), ([1.0, 2.0, 3.0], "median", "1.00 to 3.00"), ([1.0], "sd", ""),
     ([math.inf, 1.0], "sd", "")],
)  # fmt: skip
def test_a_spread_in_words(values, how, words):
    assert summarise(values, how).in_words(2) == words
