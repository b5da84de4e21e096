"""Starting a run from a page: who may, what it becomes, and what is shown when it does not begin."""

import sys
import threading
from pathlib import Path

import pytest
from django.db import DatabaseError
from django.test import Client

from projects import starting
from projects.asking import Wanted
from projects.models import Launch
from projects.processes import Known, start_of
from runs import purging
from runs.models import Run
from tests.factories import make_experiment, make_run
from tests.patience import until
from trackerweb.errors import ServerBusy

CODE = str(Path(__file__).parent)
FORM = {"uri": CODE, "entry_point": "main", "experiment": "digits"}


@pytest.fixture
def allowed(settings, tmp_path):
    settings.TRACKER_ALLOW_RUNS = True
    settings.TRACKER_HOME = tmp_path


@pytest.fixture
def program(monkeypatch):
    """Says what stands in for `tracker`: `program("print(1)")`."""

    def say(code):
        monkeypatch.setattr(starting, "PROGRAM", (sys.executable, "-c", code))

    return say


def started(client=None):
    answer = (client or Client()).post("/projects/start/", FORM)
    assert answer.status_code == 302, answer.text
    launch = Launch.objects.newest_first().first()
    assert answer["Location"] == f"/runs/{launch.run_id}/logs/"
    return launch


def wait_for_threads():
    for thread in threading.enumerate():
        if thread.name.startswith("launch-"):
            thread.join(60)
            assert not thread.is_alive()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["start/", "launches/1/", "launches/1/log.txt", "launches/1/stop/"])
def test_where_it_is_off_everything_is_refused_with_the_remedy(path):
    client = Client(raise_request_exception=False)
    method = client.post if path.startswith(("start", "launches/1/stop")) else client.get
    answer = method(f"/projects/{path}", FORM)
    assert answer.status_code == 403
    assert "TRACKER_ALLOW_RUNS=1" in answer.text
    assert not Launch.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("allowed")
def test_without_the_client_it_is_said_what_to_install(client, monkeypatch):
    monkeypatch.setattr(starting, "_OF_CLIENT", ("click", "no_such_package"))
    page = client.post("/projects/start/", FORM)
    assert page.status_code == 409
    assert "pip install ." in page.text
    assert not Run.objects.exists()


@pytest.mark.django_db
def test_where_it_is_off_no_page_speaks_of_it():
    run = make_run(source_type="PROJECT", source_name="/code/a")
    Launch.objects.create(run_id=run.run_id, uri="/code/a", wanted={}, creation_time=1)
    for path in ("/projects/", f"/runs/{run.run_id}/"):
        page = Client().get(path).text
        assert "Run again" not in page
        assert "Start a run" not in page
        assert "Started from a page" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["start/", "launches/1/stop/"])
def test_a_form_needs_its_token(allowed, path):
    assert Client(enforce_csrf_checks=True).post(f"/projects/{path}", FORM).status_code == 403
    assert not Launch.objects.exists()


@pytest.mark.django_db
def test_a_page_of_another_site_starts_nothing(allowed):
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert Client().post("/projects/start/", FORM, headers=headers).status_code == 403
    assert not Launch.objects.exists()


@pytest.mark.django_db
def test_nothing_is_started_or_stopped_by_a_link(allowed):
    assert Client().get("/projects/start/", FORM).status_code == 200
    assert Client().get("/projects/launches/1/stop/").status_code == 405
    assert not Launch.objects.exists()


@pytest.mark.django_db
def test_a_mistake_is_told_and_what_was_typed_stays(allowed):
    answer = Client().post("/projects/start/", FORM | {"uri": "--help", "key": "lr", "value": "0.1"})
    assert answer.status_code == 400
    assert "begins with a dash" in answer.text
    assert 'value="lr"' in answer.text
    assert not Run.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_process_gets_the_words_of_the_form_and_this_server(allowed, program, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    program("import os, sys; print(sys.argv[1:], os.environ['TRACKER_URI'], os.environ.get('TRACKER_HOME'))")
    launch = started()
    wait_for_threads()
    words = ["run", CODE, f"--run-id={launch.run_id}", "--experiment-name=digits", "--entry-point=main"]
    assert launch.log.read_text() == f"{words} http://testserver None\n"


@pytest.mark.django_db(transaction=True)
def test_a_process_that_fails_before_the_run_begins_is_seen(allowed, program):
    program("import sys; print('\\x1b[31mno such branch\\x1b[0m'); sys.exit(4)")
    launch = started()
    run = Run.objects.get(run_id=launch.run_id)
    assert (run.status, run.experiment.name, run.entry_point) == ("SCHEDULED", "digits", "main")
    wait_for_threads()
    run.refresh_from_db()
    assert run.status == "FAILED"
    assert run.failure == "Its process ended with status 4 before the run began.\n\nno such branch"
    assert "its process ended with status 4" in Client().get(f"/runs/{run.run_id}/").text
    assert "exit status 4" in Client().get("/projects/").text


@pytest.mark.django_db(transaction=True)
def test_what_is_installed_before_the_run_prints_is_seen(allowed, program):
    program("import time; print('Collecting numpy', flush=True); time.sleep(300)")
    launch = started()
    run = Run.objects.by_id(launch.run_id)
    run.report(status="RUNNING")
    until(lambda: launch.tail)
    assert "Collecting numpy" in Client().get(f"/projects/launches/{launch.pk}/").text
    run.console.create(stream="stdout", offset=0, text="epoch 1")
    assert "Collecting numpy" not in Client().get(f"/projects/launches/{launch.pk}/").text
    Client().post(f"/projects/launches/{launch.pk}/stop/")
    wait_for_threads()


@pytest.mark.django_db(transaction=True)
def test_a_program_that_is_not_there_is_seen(allowed, monkeypatch):
    monkeypatch.setattr(starting, "PROGRAM", ("/no/such/program",))
    launch = started()
    assert "could not begin" in Run.objects.get(run_id=launch.run_id).failure


@pytest.mark.django_db(transaction=True)
def test_a_run_that_told_its_end_keeps_it(allowed, program):
    program("import time; time.sleep(300)")
    launch = started()
    Run.objects.by_id(launch.run_id).report(status="FINISHED", end_time=5)
    launch.process.kill()
    wait_for_threads()
    assert Run.objects.by_id(launch.run_id).end_time == 5


@pytest.mark.django_db(transaction=True)
def test_stop_ends_the_process_and_the_run_is_killed(allowed, program):
    program("import time; time.sleep(300)")
    launch = started()
    assert "preparing" in Client().get(f"/projects/launches/{launch.pk}/").text
    answer = Client().post(f"/projects/launches/{launch.pk}/stop/", follow=True)
    assert "Asked it to end" in answer.text
    wait_for_threads()
    launch.refresh_from_db()
    assert launch.exit_status == -15
    assert Run.objects.by_id(launch.run_id).status == "KILLED"
    assert "has ended already" in Client().post(f"/projects/launches/{launch.pk}/stop/", follow=True).text


@pytest.mark.django_db(transaction=True)
def test_an_end_that_the_database_does_not_take_at_once_is_stored_later(allowed, program, monkeypatch):
    refusals = [ServerBusy("held"), DatabaseError("locked")]
    store = starting.ingest.store

    def refuse_twice(*told):
        if refusals:
            raise refusals.pop()
        return store(*told)

    monkeypatch.setattr(starting.ingest, "store", refuse_twice)
    program("raise SystemExit(3)")
    launch = started()
    wait_for_threads()
    launch.refresh_from_db()
    assert launch.exit_status == 3
    assert Run.objects.by_id(launch.run_id).status == "FAILED"


@pytest.mark.django_db(transaction=True)
def test_who_does_not_listen_is_ended_when_asked_again(allowed, program):
    program("import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(300)")
    launch = started()
    until(lambda: launch.tail)
    for _ in range(2):
        Client().post(f"/projects/launches/{launch.pk}/stop/")
    wait_for_threads()
    launch.refresh_from_db()
    assert launch.exit_status == -9


@pytest.mark.django_db(transaction=True)
def test_only_so_many_go_on_at_once(allowed, program, monkeypatch):
    monkeypatch.setattr(starting, "MOST_AT_ONCE", 1)
    program("import time; time.sleep(300)")
    launch = started()
    answer = Client().post("/projects/start/", FORM)
    assert answer.status_code == 409
    assert "Stop one, or wait" in answer.text
    assert Run.objects.count() == 1
    launch.process.kill()
    wait_for_threads()


@pytest.mark.django_db
def test_after_a_restart_a_process_that_is_gone_is_told_of(allowed):
    run = make_run(status="SCHEDULED", end_time=None)
    launch = Launch.objects.create(
        run_id=run.run_id, uri="/a", wanted={}, creation_time=1, pid=2**22 + 1, process_start="x"
    )
    Client().get("/projects/")
    launch.refresh_from_db()
    run.refresh_from_db()
    assert (launch.is_open, launch.exit_status, run.status) == (False, None, "FAILED")


@pytest.mark.django_db
def test_after_a_restart_a_process_that_lives_goes_on(allowed, tmp_path):
    process = starting.processes.begin([sys.executable, "-c", "input()"], tmp_path, {}, tmp_path / "log")
    process.wait()
    sleeper = starting.processes.begin(
        [sys.executable, "-c", "import time; time.sleep(300)"], tmp_path, {}, tmp_path / "log"
    )
    run = make_run(status="RUNNING", end_time=None)
    told = {"pid": sleeper.pid, "process_start": start_of(sleeper.pid)}
    launch = Launch.objects.create(run_id=run.run_id, uri="/a", wanted={}, creation_time=1, **told)
    Client().get("/projects/")
    launch.refresh_from_db()
    assert launch.is_open
    assert Client().post(f"/projects/launches/{launch.pk}/stop/").status_code == 302
    assert sleeper.wait(30) == -15


@pytest.mark.django_db
def test_a_launch_whose_run_was_deleted_is_shown(allowed):
    Launch.objects.create(run_id="gone", uri="/a", wanted={}, creation_time=1, end_time=2, exit_status=0)
    assert "deleted" in Client().get("/projects/").text
    assert Client().get("/projects/launches/77/").status_code == 404


@pytest.mark.django_db
def test_a_run_that_is_purged_takes_its_launch_and_the_log_along(allowed):
    gone, kept = make_run(lifecycle_stage="deleted"), make_run()
    for run in (gone, kept):
        launch = Launch.objects.create(run_id=run.run_id, uri="/a", wanted={}, creation_time=1, end_time=2)
        launch.log.parent.mkdir(exist_ok=True)
        launch.log.write_text("printed")
    purging.Purge.of([gone.run_id]).mark()
    purging.sweep()
    (left,) = Launch.objects.all()
    assert left.run_id == kept.run_id
    assert list(left.log.parent.iterdir()) == [left.log]


@pytest.mark.django_db
def test_a_run_of_a_project_offers_to_run_again(allowed):
    run = make_run(
        make_experiment("digits"),
        source_type="PROJECT",
        source_name="/code/a",
        entry_point="train",
        params={"lr": "0.1"},
    )
    assert f"/projects/start/?run={run.run_id}" in Client().get(f"/runs/{run.run_id}/").text
    form = Client().get(f"/projects/start/?run={run.run_id}").text
    for text in ('value="/code/a"', 'value="train"', 'value="lr"', 'value="0.1"', 'value="digits"'):
        assert text in form


@pytest.mark.django_db
def test_the_log_is_text_and_can_be_missing(allowed):
    launch = Launch.objects.create(run_id="r", uri="/a", wanted={}, creation_time=1)
    path = f"/projects/launches/{launch.pk}/log.txt"
    assert Client().get(path).status_code == 404
    launch.log.parent.mkdir(parents=True)
    launch.log.write_text("<b>x</b>")
    answer = Client().get(path)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert b"".join(answer.streaming_content) == b"<b>x</b>"


def test_the_tail_of_a_long_log_begins_with_a_whole_line(tmp_path, settings):
    settings.TRACKER_HOME = tmp_path
    launch = Launch(pk=1)
    launch.log.parent.mkdir()
    launch.log.write_text("".join(f"line {number}\n" for number in range(9999)))
    assert launch.tail.startswith("line ")
    assert launch.tail.endswith("line 9998\n")
    assert len(launch.tail) <= 8000
    assert Known(1, "").is_alive is False
    assert Wanted().rows == [("", "")] * 3
