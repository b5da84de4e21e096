"""The trash page: what was thrown away, by whom, when; back again or gone for good."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from experiments.models import Experiment
from runs import purging
from runs.artifacts import store
from runs.models import Run
from runs.trash import Trash
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return Client()


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_an_empty_trash_says_so(client):
    assert "The trash is empty" in text_of(client.get("/trash/"))


def test_a_row_tells_name_place_who_and_size(client):
    run = make_run(make_experiment("vision"), name="old-one", metrics={"loss": [1.0] * 100})
    store.put(run, "w.bin", [b"0" * 5000])
    run.trash()
    text = text_of(client.get("/trash/"))
    assert re.search(r"old-one run vision just now owner 9\.4.KB", text)


def test_runs_that_went_with_their_parent_or_experiment_are_counted_not_listed(client):
    parent = make_run(name="parent")
    make_run(name="child", parent_run_id=parent.run_id)
    experiment = make_experiment("old-sweep")
    make_run(experiment, name="inside")
    parent.trash()
    experiment.trash()
    text = text_of(client.get("/trash/"))
    assert "parent run, 1 below it" in text
    assert "old-sweep experiment, 1 run" in text
    assert "child" not in text
    assert "inside" not in text


def test_a_run_comes_back(client):
    run = make_run()
    run.trash()
    answer = client.post("/trash/restore/", {"only": f"run:{run.run_id}", "run": ["another"]}, follow=True)
    assert "1 thing restored" in text_of(answer)
    assert Run.objects.by_id(run.run_id).is_active


def test_many_come_back_at_once(client):
    runs, experiment = [make_run(), make_run()], make_experiment()
    for thing in (*runs, experiment):
        thing.trash()
    client.post("/trash/restore/", {"run": [run.run_id for run in runs], "experiment": [experiment.pk]})
    assert not Trash().count


def test_a_taken_name_is_asked_for_and_nothing_comes_back_before(client):
    experiment, run = make_experiment("digits"), make_run()
    experiment.trash()
    run.trash()
    make_experiment("digits")
    answer = client.post("/trash/restore/", {"experiment": [experiment.pk], "run": [run.run_id]})
    assert "Another experiment is named “digits” by now." in text_of(answer)
    assert not Run.objects.by_id(run.run_id).is_active
    client.post(f"/experiments/{experiment.pk}/restore/", {"name": "digits (restored)"})
    assert Experiment.objects.named("digits (restored)") == experiment


def test_a_run_of_a_trashed_experiment_waits_for_it(client):
    experiment = make_experiment()
    run = make_run(experiment)
    run.trash()
    experiment.trash()
    assert client.post("/trash/restore/", {"run": [run.run_id]}).status_code == 409


def test_deleting_for_good_says_first_what_goes(client):
    run = make_run(metrics={"loss": [1.0] * 1204})
    store.put(run, "w.bin", [b"0" * 2048])
    run.trash()
    text = text_of(client.get("/trash/purge/", {"run": [run.run_id]}))
    assert "Points of metrics 1,204" in text
    assert re.search(r"only they have 2\.0.KB", text)
    assert Run.objects.exists()


def test_deleting_for_good_marks_and_sweeps(client, monkeypatch):
    monkeypatch.setattr(purging, "sweep_soon", lambda patience: purging.sweep())
    gone, kept = make_run(), make_run()
    gone.trash()
    kept.trash()
    answer = client.post("/trash/purge/", {"run": [gone.run_id], "confirm": "1"}, follow=True)
    assert "1 run deleted for good" in text_of(answer)
    assert list(Run.objects.all()) == [kept]


def test_what_is_trashed_after_the_preview_is_not_deleted_with_it(client, monkeypatch):
    monkeypatch.setattr(purging, "sweep_soon", lambda patience: purging.sweep())
    seen, later = make_run(), make_run()
    seen.trash()
    page = client.get("/trash/purge/", {"older_than": "0"}).content.decode()
    (before,) = re.findall(r'name="before" value="(\d+)"', page)
    later.trash()
    Run.objects.filter(pk=seen.pk).update(deleted_time=int(before) - 1)
    Run.objects.filter(pk=later.pk).update(deleted_time=int(before) + 1)
    client.post("/trash/purge/", {"before": before, "confirm": "1"})
    assert list(Run.objects.all()) == [later]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"older_than": "soon"},
        {"older_than": "-1"},
        {"older_than": "nan"},
        {"older_than": "9e99"},
        {"before": "x"},
        {"before": "9" * 40},
        {"experiment": "1e9"},
        {"experiment": "9" * 30},
        {"only": "experiment:x"},
        {"only": "else:1"},
    ],
)
def test_nonsense_is_refused(client, query):
    make_run().trash()
    assert client.get("/trash/purge/", query).status_code == 400
    assert client.post("/trash/purge/", query | {"confirm": "1"}).status_code == 400
    assert Run.objects.trashed().count() == 1


def test_a_run_that_is_not_there_is_nothing_to_delete(client):
    assert "Nothing in the trash is meant" in text_of(client.get("/trash/purge/", {"run": "nobody"}))
    assert client.post("/trash/restore/", {"run": "nobody"}).status_code == 404


def test_the_page_finds_and_sorts(client):
    for name in ("small", "large"):
        run = make_run(name=name)
        store.put(run, "w.bin", [name.encode() * (1000 if name == "large" else 1)])
        run.trash()
    names = [entry.thing.name for entry in Trash(sort="size").entries]
    assert names == ["large", "small"]
    assert [entry.thing.name for entry in Trash("mal").entries] == ["small"]
    assert "Nothing in the trash is named like “zebra”" in text_of(client.get("/trash/?q=zebra"))


@pytest.mark.parametrize("size", [1, 8])
def test_the_page_costs_so_many_queries(client, size):
    for _ in range(size):
        make_run().trash()
        experiment = make_experiment()
        make_run(experiment)
        experiment.trash()
    # experiments; count and page of runs; weights and who of both; preview: figures, experiments, files, bytes;
    # on their way out; experiments for the bar
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/trash/").status_code == 200
    assert len(queries) == 16, [query["sql"][:120] for query in queries]
