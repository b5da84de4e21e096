"""`/runs/<run_id>/` and what can be done there, without a browser."""

import pytest
from django.test import Client

from experiments.models import AuditEntry
from runs import ingest
from runs.models import Run
from tests.factories import NOON, log, make_artifact, make_experiment, make_run
from trackerweb.clock import now_ms

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def page_of(client, run):
    response = client.get(f"/runs/{run.run_id}/")
    assert response.status_code == 200
    return response.content.decode()


def test_a_run_shows_what_it_was_given_and_what_came_out(client):
    run = make_run(
        make_experiment("digits"),
        name="first-try",
        params={"lr": "0.1"},
        tags={"paper": "yes", "mlflow.user": "eve"},
        metrics={"val/loss": [2, 0.25, 0.5]},
        user="ada",
        source_name="train.py",
        git_commit="9f3c1e2",
        note="Try **this**.",
    )
    page = page_of(client, run)
    for text in ("first-try", "digits", "0.1", "paper", "ada", "train.py", "9f3c1e2", "<strong>this</strong>"):
        assert text in page
    assert 'best <span title="0.25">0.2500</span> at step 1' in page
    assert 'data-key="val/loss"' in page
    assert "eve" not in page


def test_what_a_run_holds_is_escaped(client):
    evil = "<script>alert(1)</script>"
    run = make_run(name=evil, params={"p": evil, "q": evil * 9}, tags={"t": evil}, metrics={evil: [1, 2]}, note=evil)
    assert "<script>alert" not in page_of(client, run)


def test_a_run_with_nothing_says_what_is_missing(client):
    page = page_of(client, make_run())
    assert "This run logged no metric." in page
    assert "No params." in page


def test_an_unknown_run_is_not_found_in_words(client):
    response = client.get("/runs/nobody/")
    assert response.status_code == 404
    assert "No run &#x27;nobody&#x27;. It may have been deleted for good." in response.content.decode()


def test_a_silent_run_is_shown_as_stale(client):
    run = make_run(status="RUNNING", end_time=None, has_heartbeat=True, heartbeat_time=now_ms() - 660_000)
    assert "Stale: silent for 11 min" in page_of(client, run)


def test_a_silent_run_of_a_program_without_a_heartbeat_is_quiet_and_not_stale(client):
    run = make_run(status="RUNNING", end_time=None, heartbeat_time=now_ms() - 2_400_000)
    page = page_of(client, run)
    assert "Running: quiet 40 min" in page
    assert "Stale" not in page


def test_a_failed_run_shows_its_traceback_and_what_it_printed_last(client):
    run = make_run(status="FAILED", failure="ValueError: no <data>")
    for number in range(40):
        run.console.create(stream="stdout", offset=number * 9, text=f"epoch {number:02}\n")
    page = page_of(client, run)
    assert "ValueError: no &lt;data&gt;" in page
    assert "epoch 10" in page
    assert "epoch 09" not in page


def test_a_run_that_did_not_fail_says_nothing_of_failure(client):
    assert "Why it failed" not in page_of(client, make_run())


def test_a_run_in_the_trash_says_so_and_comes_back(client):
    run = make_run()
    assert client.post(f"/runs/{run.run_id}/trash/").status_code == 302
    page = page_of(client, run)
    assert "This run is in the trash" in page
    assert "Rename" not in page
    client.post(f"/runs/{run.run_id}/restore/")
    assert "This run is in the trash" not in page_of(client, run)


def test_parent_and_children_are_linked(client):
    parent = make_run(name="sweep")
    child = make_run(name="trial", parent_run_id=parent.run_id)
    assert f'<a href="/runs/{parent.run_id}/">sweep</a>' in page_of(client, child)
    assert f'href="/runs/{child.run_id}/"' in page_of(client, parent)


def test_the_number_of_queries_does_not_grow_with_what_a_run_holds(client, django_assert_num_queries):
    run = make_run(
        params={f"p{number}": str(number) for number in range(60)},
        tags={f"t{number}": "" for number in range(20)},
        metrics={f"m{number}": range(30) for number in range(40)},
    )
    for _ in range(5):
        make_run(parent_run_id=run.run_id)
    for number in range(9):
        make_artifact(run, f"plots/{number}.png")
    # Run and experiment; runs before and after; experiments in the bar; what is in the other tabs (8); metrics and what
    # was said of them; points of four sparklines; first points and points between for charts; runs to look back to (2);
    # params; tags; environment and branch; datasets; number of artifacts, first artifacts; reruns; history; children.
    with django_assert_num_queries(30):
        page_of(client, run)


def test_the_live_part_holds_what_changes_and_nothing_else(client):
    run = make_run(metrics={"loss": [3, 2]}, params={"lr": "0.1"}, status="RUNNING", end_time=None)
    piece = client.get(f"/runs/{run.run_id}/live/").content.decode()
    assert 'data-metric="loss" data-count="2"' in piece
    assert "<html" not in piece
    assert "0.1" not in piece


def test_the_live_part_is_not_sent_again_until_something_was_logged(client):
    run = make_run(metrics={"loss": [3, 2]}, status="RUNNING", end_time=None, heartbeat_time=now_ms() - 5000)
    path = f"/runs/{run.run_id}/live/"
    etag = client.get(path)["ETag"]
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 304
    log(run, metrics={"loss": [3, 2, 1]})
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 200
    ingest.store(run.run_id, ingest.Batch(status="FINISHED", end_time=NOON))
    assert 'data-status="FINISHED"' in client.get(path).content.decode()


def test_an_unchanged_live_part_costs_one_query(client, django_assert_num_queries):
    run = make_run()
    etag = client.get(f"/runs/{run.run_id}/live/")["ETag"]
    with django_assert_num_queries(1):
        client.get(f"/runs/{run.run_id}/live/", headers={"If-None-Match": etag})


# Edits


def edit(client, run, **form):
    response = client.post(f"/runs/{run.run_id}/edit/", form)
    run.refresh_from_db()
    return response


def test_a_name_can_be_changed_and_the_old_one_is_kept_in_the_audit(client):
    run = make_run(name="old")
    response = edit(client, run, name=" new ")
    assert (response.status_code, response["Location"]) == (302, f"/runs/{run.run_id}/")
    assert run.name == "new"
    assert AuditEntry.objects.get().before == {"name": "old"}


@pytest.mark.parametrize("name", ["", "  ", "x" * 1001, "nul\0"])
def test_a_name_that_can_not_be_shown_is_refused(client, name):
    run = make_run(name="old")
    assert edit(client, run, name=name).status_code == 400
    assert run.name == "old"


def test_a_note_keeps_its_lines(client):
    run = make_run()
    edit(client, run, note="one\r\ntwo\r\n")
    assert run.note == "one\ntwo"


def test_tags_are_set_and_removed(client):
    run = make_run(tags={"old": "1"})
    edit(client, run, tag="new", value="2")
    edit(client, run, remove_tag="old")
    assert list(run.tags.values_list("key", "value")) == [("new", "2")]


@pytest.mark.parametrize("tag", ["", " ", "x" * 251, "a\x07b"])
def test_a_tag_that_can_not_be_shown_is_refused(client, tag):
    run = make_run()
    assert edit(client, run, tag=tag).status_code == 400
    assert not run.tags.exists()


def test_a_run_in_the_trash_is_not_edited(client):
    run = make_run(name="old")
    run.trash()
    assert edit(client, run, name="new").status_code == 409
    assert run.name == "old"


@pytest.mark.parametrize("part", ["edit", "trash", "restore"])
def test_changes_need_a_token_of_our_form(part):
    run = make_run()
    response = Client(enforce_csrf_checks=True).post(f"/runs/{run.run_id}/{part}/", {"name": "new"})
    assert response.status_code == 403
    assert Run.objects.get(pk=run.pk).is_active


@pytest.mark.parametrize("part", ["edit", "trash", "restore"])
def test_changes_are_not_made_by_a_link(client, part):
    assert client.get(f"/runs/{make_run().run_id}/{part}/").status_code == 405


def test_a_run_in_a_trashed_experiment_says_what_brings_it_back(client):
    experiment = make_experiment("old-sweep")
    run = make_run(experiment)
    experiment.trash()
    page = page_of(client, run)
    assert "in the trash with its experiment old-sweep" in page
    assert "/restore/" not in page


# Where it came from


def test_a_run_of_a_project_says_so_and_can_be_repeated(client):
    fields = {"source_type": "PROJECT", "source_name": "https://git.example/a.git", "entry_point": "train"}
    tags = {"mlflow.project.env": "virtualenv", "mlflow.project.backend": "local", "tracker.exitStatus": "3"}
    page = page_of(client, make_run(params={"lr": "0.1"}, tags=tags, git_commit="9f3c1e2", **fields))
    for text in ("Entry point", "virtualenv", "Backend", "Exit status", "All runs of this project"):
        assert text in page
    line = "tracker run https://git.example/a.git -v 9f3c1e2 -e train -P lr=0.1 --env-manager virtualenv"
    assert f">TRACKER_URI=http://testserver {line}</pre>" in page
    assert "tracker.exitStatus" not in page


def test_a_rerun_and_what_it_repeats_lead_to_each_other(client):
    first = make_run(name="the-first")
    again = make_run(name="the-second", tags={"tracker.rerunOf": first.run_id})
    assert f'<dd><a href="/runs/{first.run_id}/">the-first</a>' in page_of(client, again)
    assert f'<dd><a href="/runs/{again.run_id}/">the-second</a>' in page_of(client, first)
    first.trash()
    assert "in the trash" in page_of(client, again)


def test_a_rerun_of_a_run_that_is_not_here_says_so(client):
    assert "<code>gone</code>" in page_of(client, make_run(tags={"tracker.rerunOf": "gone"}))


def test_reruns_are_found_in_an_index(client):
    plan = Run.objects.active().tagged("tracker.rerunOf", "r").order_by("-start_time").explain()
    assert "tag_search (key=? AND <expr>=?)" in plan
