"""The page of all experiments."""

import pytest
from django.test import Client

from experiments.models import Experiment
from experiments.overview import DAY_MS, DAYS, Overview
from tests.factories import NOON, make_experiment, make_run
from trackerweb.clock import now_ms

pytestmark = pytest.mark.django_db


def names(overview):
    return [row.experiment.name for row in overview.rows]


def row_of(experiment):
    return next(row for row in Overview().rows if row.experiment == experiment)


def test_it_counts_runs_running_and_failed():
    experiment = make_experiment()
    for status in ("FINISHED", "FAILED", "FAILED", "RUNNING"):
        make_run(experiment, status=status, heartbeat_time=now_ms())
    counted = row_of(experiment).experiment
    assert (counted.run_count, counted.running_count, counted.failed_count) == (4, 1, 2)


def test_runs_in_the_trash_do_not_count():
    experiment = make_experiment()
    make_run(experiment).trash()
    assert row_of(experiment).experiment.run_count == 0


def test_experiments_in_the_trash_are_left_out():
    make_experiment("gone").trash()
    assert "gone" not in names(Overview())


@pytest.mark.parametrize(("direction", "best"), [("max", 0.9), ("min", 0.1)])
def test_the_best_is_the_good_end_of_the_primary_metric(direction, best):
    experiment = make_experiment(primary_metric="f1", primary_direction=direction)
    make_run(experiment, metrics={"f1": [0.1, 0.9, 0.5]})
    assert row_of(experiment).best == best


def test_without_a_primary_metric_no_best_is_guessed():
    experiment = make_experiment()
    make_run(experiment, metrics={"accuracy": 0.9})
    assert row_of(experiment).best is None


def test_about_is_the_first_line_of_the_note():
    assert row_of(make_experiment(note="\nResidual nets\nMore of it")).about == "Residual nets"


def test_activity_counts_runs_a_day_today_last(monkeypatch):
    monkeypatch.setattr("experiments.overview.now_ms", lambda: NOON)
    experiment = make_experiment()
    for start in (NOON, NOON, NOON - 29 * DAY_MS, NOON - 40 * DAY_MS):
        make_run(experiment, start_time=start)
    activity = row_of(experiment).activity
    assert (len(activity), activity[0], activity[-1], sum(activity)) == (DAYS, 1, 2, 3)


def test_a_run_that_starts_tomorrow_is_no_trouble():
    experiment = make_experiment()
    make_run(experiment, start_time=now_ms() + 3 * DAY_MS)
    assert sum(row_of(experiment).activity) == 0


def test_find_looks_in_names_without_case():
    make_experiment("Digits-ResNet")
    assert names(Overview(text="resnet")) == ["Digits-ResNet"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("last", ["late", "many", "Default"]),
        ("name", ["Default", "late", "many"]),
        ("runs", ["many", "late", "Default"]),
    ],
)
def test_it_is_sorted_as_asked(sort, expected):
    many, late = make_experiment("many"), make_experiment("late")
    make_run(many)
    make_run(many)
    make_run(late, heartbeat_time=NOON + DAY_MS)
    assert names(Overview(sort=sort)) == expected


def test_an_order_that_nobody_offers_is_the_usual_one():
    assert Overview(sort="'; --").sort == "last"


def test_the_page_costs_six_queries_however_many_experiments(client, django_assert_num_queries):
    for _ in range(12):
        make_run(make_experiment(primary_metric="f1", primary_direction="max"), metrics={"f1": 0.5})
    with django_assert_num_queries(6):  # how many match; they with counts; runs a day; best values; count in the bar
        client.get("/")


def test_a_name_that_matches_nothing_says_so(client):
    assert "No experiment has “zzz” in its name, note or tags" in client.get("/?q=zzz").text


def test_a_name_with_markup_is_shown_as_text(client):
    make_experiment("<b>bold</b>")
    assert "&lt;b&gt;bold&lt;/b&gt;" in client.get("/").text


def test_a_new_experiment_opens():
    response = Client().post("/experiments/new/", {"name": " fresh "})
    assert response.headers["Location"] == Experiment.objects.named("fresh").get_absolute_url()


@pytest.mark.parametrize(("name", "status"), [("", 400), ("x" * 501, 400), ("a\0b", 400), ("a\nb", 400)])
def test_a_name_that_can_not_be_is_refused_with_a_page(client, name, status):
    response = client.post("/experiments/new/", {"name": name})
    assert response.status_code == status
    assert "<h1>" in response.text


def test_a_form_without_its_token_is_refused():
    response = Client(enforce_csrf_checks=True).post("/experiments/new/", {"name": "forged"})
    assert response.status_code == 403
    assert Experiment.objects.named("forged") is None


def test_looking_makes_nothing(client):
    assert client.get("/experiments/new/").status_code == 405


def test_a_silent_run_does_not_count_as_running():
    experiment = make_experiment()
    make_run(experiment, status="RUNNING", end_time=None, has_heartbeat=True, heartbeat_time=now_ms() - 3_600_000)
    assert row_of(experiment).experiment.running_count == 0


def test_a_name_that_is_taken_opens_the_one_that_has_it(client):
    assert client.post("/experiments/new/", {"name": "Default"}).url == "/experiments/0/"


def test_experiments_stand_in_the_folders_of_their_names():
    for name in ("vision/digits", "vision/mnist", "speech/asr/base", "alone"):
        make_experiment(name)
    sections = Overview(sort="name").sections
    assert [(section.path, [row.experiment.short_name for row in section.rows]) for section in sections] == [
        ("speech/asr", ["base"]), ("vision", ["digits", "mnist"]), ("", ["Default", "alone"]),
    ]  # fmt: skip


def test_a_folder_has_a_page_of_its_own(client):
    make_experiment("vision/digits")
    make_experiment("visionary/other")
    page = client.get("/", {"folder": "vision"})
    assert [row.experiment.name for row in page.context["overview"].rows] == ["vision/digits"]
    assert 'value="vision/"' in page.text


def test_without_folders_there_are_no_sections(client):
    assert "Without a folder" not in client.get("/").text


def test_find_looks_in_notes_and_tags_too():
    make_experiment("one", note="about Whales")
    make_experiment("two").set_tags({"animal": "whale"})
    make_experiment("three")
    assert {row.experiment.name for row in Overview("whale").rows} == {"one", "two"}


def test_tags_are_shown_but_those_of_clients(client):
    make_experiment("one").set_tags({"team": "sea", "mlflow.sharedViewState.x": "{}"})
    row = next(row for row in Overview().rows if row.experiment.name == "one")
    assert row.tags == ["team: sea"]


def test_what_was_looked_for_can_be_looked_for_among_runs(client):
    assert 'href="/search/?q=resnet"' in client.get("/", {"q": "resnet"}).text
