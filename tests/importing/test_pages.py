"""The pages of imports: begin one, watch it, read what it found."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from importing import jobs, uploads
from importing.models import Import, ImportState
from importing.sources import open_source
from runs.models import Run
from tests.importing.eras import append, write
from tests.importing.test_uploads import zipped
from trackerweb.clock import now_ms

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_once(monkeypatch):
    """Imports run within the request: the tests' database is in one transaction."""

    def start(record, open_source, tidy=lambda: None):
        jobs.Job(record, open_source, tidy=tidy).run()

    monkeypatch.setattr(jobs, "start", start)


@pytest.fixture
def folder(mlruns):
    """A store with one run, and one line that is no point."""
    run = mlruns.run(mlruns.experiment(), "a1")
    mlruns.point(run, "loss", 0.5)
    append(run / "metrics" / "loss", "<b>broken</b>\n")
    return mlruns.root


def test_a_folder_named_on_the_page_is_imported_and_reported(client, at_once, folder):
    answer = client.post("/import/", {"path": f" {folder} "}, follow=True)
    shown = answer.content.decode()
    assert Run.objects.get().run_id == "a1"
    assert "Done" in shown
    assert "&lt;b&gt;broken" in shown
    assert str(folder) in client.get("/import/").content.decode()
    record = Import.objects.get()
    told = client.get(f"/import/{record.pk}/report.json").json()
    assert told["counts"]["points"] == 1
    assert told["findings"][0]["place"] == "1/a1/metrics/loss"


def test_a_zip_that_is_sent_is_imported(client, at_once, folder, settings, tmp_path):
    settings.TRACKER_HOME = tmp_path / "home"
    file = SimpleUploadedFile("mine.zip", zipped(folder), "application/zip")
    client.post("/import/", {"file": file})
    assert Import.objects.get().origin == "upload:mine.zip"
    assert Run.objects.get().run_id == "a1"


def test_nothing_named_is_told(client):
    answer = client.post("/import/", {"path": " "})
    assert answer.status_code == 400
    assert "Name a folder" in answer.content.decode()


def test_what_is_not_there_is_told_on_its_page(client, at_once):
    answer = client.post("/import/", {"path": "/none/mlruns"}, follow=True)
    assert "/none/mlruns is not there." in answer.content.decode()


def test_findings_are_shown_by_kind(client, at_once, folder):
    address = client.post("/import/", {"path": str(folder)})["Location"]
    assert "broken" in client.get(f"{address}?level=refusal").content.decode()
    assert "broken" not in client.get(f"{address}?level=repair").content.decode()


def test_a_running_import_is_watched_and_can_be_stopped(client):
    record = jobs.begin("/somewhere")
    assert 'data-running="true"' in client.get(f"/import/{record.pk}/").content.decode()
    client.post(f"/import/{record.pk}/stop/")
    assert Import.objects.get().state == ImportState.STOPPED
    assert "goes on where it was" in client.get(f"/import/{record.pk}/").content.decode()


def test_an_import_that_is_stopped_stops_after_the_run_it_is_at(mlruns, monkeypatch):
    experiment = mlruns.experiment()
    for number in range(3):
        mlruns.run(experiment, f"r{number}")
    monkeypatch.setattr(jobs, "TELL_MS", 0)
    record = jobs.begin(str(mlruns.root))

    def watcher(counts):
        jobs.stop(record)

    jobs.Job(record, lambda report: open_source(str(mlruns.root), report), watcher).run()
    assert Import.objects.get().state == ImportState.STOPPED
    assert Run.objects.count() == 1


def test_an_import_whose_server_died_says_so(client):
    record = jobs.begin("/somewhere")
    Import.objects.update(heartbeat_time=now_ms() - 3_600_000)
    shown = client.get(f"/import/{record.pk}/").content.decode()
    assert "Interrupted" in shown
    assert 'data-running="false"' in shown


def test_without_imports_the_page_says_how_to_begin(client):
    assert "Nothing was imported yet" in client.get("/import/").content.decode()


def test_an_import_that_is_not_there_is_no_page(client):
    assert client.get("/import/none/").status_code == 404


def test_what_a_dead_server_left_of_an_upload_is_dropped(settings, tmp_path):
    settings.TRACKER_HOME = tmp_path
    dead, alive = jobs.begin("dead"), jobs.begin("alive")
    Import.objects.filter(pk=dead.pk).update(heartbeat_time=0)
    for name in (dead.pk, alive.pk, "unknown"):
        write(tmp_path / "imports" / name / "upload.zip", "x")
    uploads.drop_abandoned()
    assert [folder.name for folder in (tmp_path / "imports").iterdir()] == [alive.pk]
