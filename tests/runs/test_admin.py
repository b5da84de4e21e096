"""The clean-up desk: what lists show, and actions that ask first, say what they leave alone, and keep old values."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from experiments.models import AuditEntry, Experiment
from runs import purging
from runs.artifacts import store
from runs.models import Artifact, Environment, Metric, Param, Run, Tag
from tests.factories import log, make_experiment, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return Client()


@pytest.fixture(autouse=True)
def sweep_at_once(monkeypatch):
    monkeypatch.setattr(purging, "sweep_soon", lambda patience=0.0: purging.sweep())


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()).replace("\xa0", " "))


def ask(client, model, action, rows, query="", **answers):
    """Choose an action for rows: the question. With `confirm` it is done."""
    form = {"action": action, "_selected_action": [row.pk for row in rows]} | answers
    return client.post(f"/admin/{model}/{query}", form, follow=True)


def do(client, model, action, rows, **answers):
    return ask(client, model, action, rows, confirm="1", **answers)


def test_a_run_is_listed_with_what_it_takes(client):
    run = make_run(make_experiment("vision"), name="resnet", metrics={"loss": [1.0] * 50})
    store.put(run, "w.bin", [b"0" * 2_000_000])
    text = text_of(client.get("/admin/runs/run/"))
    assert re.search(r"resnet \w+ vision Finished here .* 1 min 50 1 1\.9 MB", text)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("status=FAILED", {"failed"}),
        ("status=STALE", {"stale"}),
        ("status=RUNNING", {"running"}),
        ("stage=deleted", {"trashed"}),
        ("experiment=vis", {"failed"}),
        ("parent=yes", {"child"}),
        ("size=mid", {"large"}),
        ("age=old", {"old"}),
        ("q=larg", {"large"}),
        ("q=abc", {"child"}),
        ("age=1&status=RUNNING", {"running"}),
    ],
)
def test_runs_are_found(client, query, names):
    from trackerweb.clock import now_ms

    now = now_ms()
    make_run(make_experiment("vision"), name="failed", status="FAILED", start_time=now)
    make_run(name="stale", status="RUNNING", start_time=now, has_heartbeat=True, heartbeat_time=now - 10**7)
    make_run(name="running", status="RUNNING", start_time=now, heartbeat_time=now)
    make_run(name="trashed", start_time=now).trash()
    make_run(name="child", run_id="abc123", parent_run_id="p", start_time=now)
    make_run(name="large", start_time=now, artifact_bytes=5_000_000)
    make_run(name="old", start_time=now - 100 * purging.DAY_MS)
    shown = client.get(f"/admin/runs/run/?{query}").context["cl"].result_list
    assert {run.name for run in shown} == names


def test_trashing_asks_first_and_says_what_it_leaves_alone(client):
    here, gone = make_run(name="here"), make_run(name="gone")
    gone.trash()
    question = text_of(ask(client, "runs/run", "trash", [here, gone]))
    assert "Runs 1" in question
    assert "1 run in the trash" in question
    assert Run.objects.by_id(here.run_id).is_active
    assert "1 run moved to the trash" in text_of(do(client, "runs/run", "trash", [here, gone]))
    assert not Run.objects.by_id(here.run_id).is_active


def test_runs_come_back_but_not_into_a_trashed_experiment(client):
    experiment = make_experiment()
    run, waiting = make_run(), make_run(experiment)
    for thing in (run, waiting, experiment):
        thing.trash()
    assert "whose experiment is in the trash" in text_of(ask(client, "runs/run", "restore", [run, waiting]))
    do(client, "runs/run", "restore", [run, waiting])
    assert list(Run.objects.active()) == [run]


def test_only_what_is_in_the_trash_is_deleted_for_good(client):
    active, gone = make_run(), make_run(metrics={"loss": [1.0] * 9})
    gone.trash()
    question = text_of(ask(client, "runs/run", "purge", [active, gone]))
    assert "Points 9" in question
    assert "1 run not in the trash" in question
    assert "1 run deleted for good" in text_of(do(client, "runs/run", "purge", [active, gone]))
    assert list(Run.objects.all()) == [active]
    assert AuditEntry.objects.filter(action="purge", object_id=gone.run_id).exists()


def test_all_that_match_are_meant_but_not_what_comes_after_the_question(client):
    runs = [make_run() for _ in range(3)]
    question = ask(client, "runs/run", "trash", runs[:1], select_across="1")
    (upto,) = re.findall(r'name="upto" value="(\d+)"', question.content.decode())
    later = make_run()
    do(client, "runs/run", "trash", runs[:1], select_across="1", upto=upto)
    assert list(Run.objects.active()) == [later]


def test_runs_move_and_are_copied(client):
    run = make_run(params={"lr": "1"})
    do(client, "runs/run", "move", [run], experiment="new place")
    place = Experiment.objects.named("new place")
    assert Run.objects.by_id(run.run_id).experiment == place
    do(client, "runs/run", "copy", [run], experiment="copies")
    assert Experiment.objects.named("copies").runs.get().params.get().value == "1"


def test_a_form_that_lacks_its_answer_asks_again(client):
    run = make_run()
    assert "This field is required" in text_of(do(client, "runs/run", "move", [run]))
    assert "can't be shown" in text_of(do(client, "runs/run", "set_tag", [run], tag="a\u200bb")).replace("&#x27;", "'")
    assert not Tag.objects.exists()


def test_a_tag_is_set_on_many(client):
    runs = [make_run(), make_run()]
    do(client, "runs/run", "set_tag", runs, tag="kind", value="base")
    assert {tag.value for tag in Tag.objects.filter(key="kind")} == {"base"}
    assert Tag.objects.count() == 2


def test_a_run_is_edited_and_the_old_name_is_kept(client):
    run = make_run(name="old")
    client.post(f"/admin/runs/run/{run.pk}/change/", {"name": "new", "note": "why", "status": "FAILED"})
    run.refresh_from_db()
    assert (run.name, run.note, run.status) == ("new", "why", "FAILED")
    assert AuditEntry.objects.get(object_id=run.run_id).before["name"] == "old"


def test_a_run_in_the_trash_is_only_looked_at(client):
    run = make_run(name="old")
    run.trash()
    assert client.get(f"/admin/runs/run/{run.pk}/change/").status_code == 200
    assert client.post(f"/admin/runs/run/{run.pk}/change/", {"name": "new", "status": "FAILED"}).status_code == 403
    run.refresh_from_db()
    assert run.name == "old"


def test_a_param_is_corrected_with_its_number(client):
    run = make_run(params={"lr": "1"})
    param = run.params.get()
    client.post(f"/admin/runs/param/{param.pk}/change/", {"value": "0.5"})
    param.refresh_from_db()
    assert (param.value, param.number) == ("0.5", 0.5)
    assert AuditEntry.objects.get(action="correct param").before == {"lr": "1"}


def test_params_tags_and_files_are_deleted_by_their_verbs(client):
    run, gone = make_run(params={"a": "1"}, tags={"b": "2"}), make_run(params={"a": "1"})
    gone.trash()
    store.put(run, "c.txt", [b"x"])
    assert "of runs in the trash" in text_of(ask(client, "runs/param", "delete_params", Param.objects.all()))
    do(client, "runs/param", "delete_params", Param.objects.all())
    do(client, "runs/tag", "delete_tags", Tag.objects.all())
    do(client, "runs/artifact", "delete_files", Artifact.objects.all())
    assert list(Param.objects.values_list("run", flat=True)) == [gone.pk]
    assert not Tag.objects.exists()
    assert not Artifact.objects.exists()
    assert set(AuditEntry.objects.filter(object_id=run.run_id).values_list("action", flat=True)) == {
        "delete param",
        "delete tag",
        "delete artifact",
    }


def test_a_series_is_cut_and_deleted(client):
    run = make_run(metrics={"loss": [1.0] * 10, "acc": [0.5] * 4})
    loss = run.metrics.get(key="loss")
    assert "Points 10" in text_of(ask(client, "runs/metric", "cut_series", [loss]))
    assert "1 of 1 series cut at step 7" in text_of(do(client, "runs/metric", "cut_series", [loss], from_step="7"))
    loss.refresh_from_db()
    assert loss.count == 7
    do(client, "runs/metric", "delete_series", list(Metric.objects.filter(key="acc")))
    assert list(Metric.objects.values_list("key", flat=True)) == ["loss"]
    run.refresh_from_db()
    assert run.point_count == 7


def test_experiments_go_and_come_with_their_runs(client):
    experiment = make_experiment("old")
    make_run(experiment)
    do(client, "experiments/experiment", "trash", [experiment])
    assert not Run.objects.active().exists()
    do(client, "experiments/experiment", "restore", [experiment])
    assert Run.objects.active().count() == 1
    do(client, "experiments/experiment", "trash", [experiment])
    assert "Runs 1" in text_of(ask(client, "experiments/experiment", "purge", [experiment]))
    do(client, "experiments/experiment", "purge", [experiment])
    assert not Experiment.objects.filter(pk=experiment.pk).exists()


def test_an_experiment_whose_name_was_taken_stays_in_the_trash(client):
    experiment = make_experiment("digits")
    experiment.trash()
    make_experiment("digits")
    assert "its name was taken" in text_of(ask(client, "experiments/experiment", "restore", [experiment]))
    do(client, "experiments/experiment", "restore", [experiment])
    assert not Experiment.objects.by_id(experiment.pk).is_active


def test_an_experiment_is_renamed_unless_the_name_is_taken(client):
    experiment, other = make_experiment("one"), make_experiment("two")
    form = {"note": "", "primary_metric": "", "primary_direction": "", "tags-TOTAL_FORMS": 0, "tags-INITIAL_FORMS": 0}
    page = client.post(f"/admin/experiments/experiment/{experiment.pk}/change/", form | {"name": "two"})
    assert "Another experiment is named" in text_of(page)
    client.post(f"/admin/experiments/experiment/{experiment.pk}/change/", form | {"name": "three"})
    experiment.refresh_from_db()
    assert experiment.name == "three"
    assert AuditEntry.objects.get(object_id=str(experiment.pk)).before == {"name": "one"}
    assert other.is_active


def test_hostile_names_are_shown_as_text(client):
    evil = "<script>alert(1)</script>"
    run = make_run(make_experiment(evil), name=evil, params={evil: evil}, tags={evil: evil}, metrics={evil: [1.0]})
    store.put(run, "<img src=x onerror=alert(1)>.txt", [b"x"])
    run.environment = Environment.of({"evil": evil})
    run.save(update_fields=["environment"])
    pages = ["runs/run", "runs/param", "runs/tag", "runs/metric", "runs/artifact", "experiments/experiment"]
    for path in [*pages, f"runs/run/{run.pk}/change", f"runs/environment/{run.environment.pk}/change"]:
        page = client.get(f"/admin/{path}/").content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    question = ask(client, "runs/run", "trash", [run]).content.decode()
    assert "<script>alert" not in question


def test_history_leads_to_the_audit_trail(client):
    run = make_run()
    run.trash()
    page = client.get(f"/admin/runs/run/{run.pk}/history/", follow=True)
    assert page.redirect_chain[0][0] == f"/history/?kind=run&object={run.run_id}"
    assert "Moved to the trash" in text_of(page)


@pytest.mark.parametrize("model", ["run", "param", "tag", "metric", "artifact", "blob", "environment"])
def test_a_list_costs_the_same_whatever_it_shows(client, model):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/admin/runs/{model}/").status_code == 200
        return len(queries)

    def add(number):
        run = make_run(make_experiment(), params={"a": "1"}, tags={"a": "1"}, metrics={"a": [1.0]})
        store.put(run, "a", [b"%d" % number])
        run.environment = Environment.of({"n": number})
        run.save(update_fields=["environment"])

    add(0)
    client.get("/admin/")
    few = count()
    for number in range(1, 8):
        add(number)
    assert count() == few


def test_resuming_after_a_cut_from_the_desk_goes_on(client):
    run = make_run(metrics={"loss": [1.0] * 5})
    do(client, "runs/metric", "cut_series", [run.metrics.get()], from_step="2")
    log(run, metrics={"loss": [1.0] * 5})
    assert run.metrics.get().count == 5


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("run/?age=abc", 200),
        ("run/?age=", 200),
        ("run/?size=abc", 200),
        ("run/?status=%00x", 400),
        ("artifact/?size=", 200),
        ("blob/?size=x", 200),
        ("param/?key__regex=[", 400),
        ("metric/?run__experiment__name__regex=(a+)+$", 400),
        ("param/?run__id__exact=99999999999999999999999", 200),
        ("run/?o=999&p=99999", 200),
    ],
)
def test_an_address_made_by_hand_is_no_500(client, path, status):
    make_run(params={"a": "1"})
    assert client.get(f"/admin/runs/{path}").status_code in (status, 302)


@pytest.mark.parametrize("key", ["abc", "9" * 30, ""])
@pytest.mark.parametrize("confirm", [{}, {"confirm": "1"}])
def test_a_forged_choice_changes_nothing(client, key, confirm):
    run = make_run()
    answer = client.post("/admin/runs/run/", {"action": "trash", "_selected_action": [key], "upto": "9" * 30} | confirm)
    assert answer.status_code in (200, 302)
    run.refresh_from_db()
    assert run.is_active
