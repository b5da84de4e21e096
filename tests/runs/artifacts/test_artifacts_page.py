"""`/runs/<run_id>/artifacts/` without a browser."""

import pytest
from django.test import Client

from experiments.models import AuditEntry
from runs.models import Artifact, Blob
from tests.factories import make_artifact, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


@pytest.fixture
def run():
    found = make_run(run_id="r1", name="first-try")
    make_artifact(found, "README.md", "# About\n\nThis run.")
    make_artifact(found, "plots/roc.png", b"\x89PNG\r\n\x1a\n")
    make_artifact(found, "plots/loss.png", b"\x89PNG\r\n\x1a\n....")
    make_artifact(found, "train.py", "import os\n")
    return found


def page_of(client, query="", run_id="r1"):
    response = client.get(f"/runs/{run_id}/artifacts/{query}")
    assert response.status_code == 200, response.content
    return response.content.decode()


def test_nothing_chosen_shows_the_readme(client, run):
    page = page_of(client)
    assert "<h3>About</h3>" in page
    assert '<a href="?path=plots" title="plots"' in page


def test_a_file_is_shown_with_its_facts(client, run):
    page = page_of(client, "?path=plots/roc.png")
    assert '<img src="/preview/r1/plots/roc.png" alt="roc.png">' in page
    assert "image/png" in page
    assert Artifact.objects.get(path="plots/roc.png").blob.sha256 in page
    assert 'href="/api/v1/runs/r1/artifacts/plots/roc.png" download' in page


def test_a_file_leads_to_its_neighbours_in_the_folder(client, run):
    page = page_of(client, "?path=plots/roc.png")
    assert 'href="?path=plots/loss.png" rel="prev"' in page
    assert 'rel="next"' not in page


def test_a_folder_shows_what_is_in_it(client, run):
    page = page_of(client, "?path=plots")
    assert "2 files" in page
    assert 'href="/api/v1/runs/r1/artifacts.zip?path=plots" download' in page
    assert page.count('href="?path=plots/loss.png"') == 2


def test_the_root_is_a_folder_that_can_not_be_deleted(client, run):
    page = page_of(client, "?path=")
    assert "All files" in page
    assert "Delete" not in page


def test_a_folder_of_thousands_is_paged(client, run):
    blob = Blob.objects.create(sha256="0" * 64, size=10, creation_time=0)
    Artifact.objects.bulk_create(
        Artifact(run=run, path=f"steps/{number}.txt", blob=blob, media_type="text/plain", creation_time=0)
        for number in range(3000)
    )
    page = page_of(client, "?path=steps&page=2")
    assert "100.txt" in page
    assert "/99.txt" not in page
    assert 'rel="next" href="?path=steps&amp;page=3"' in page
    assert "2,800 more" in page


def test_a_run_without_files_says_how_to_log_one(client):
    make_run(run_id="bare")
    page = page_of(client, run_id="bare")
    assert "curl -T model.onnx http://testserver/api/v1/runs/bare/artifacts/model.onnx" in page


def test_a_part_of_a_long_text_leads_to_the_next(client, run):
    make_artifact(run, "long.log", "line\n" * 60_000)
    page = page_of(client, "?path=long.log")
    assert "Shown: the first 256.0" in page
    assert 'rel="next" href="?path=long.log&amp;page=2"' in page


@pytest.mark.parametrize("query", ["?path=nothing.txt", "?path=plot", "?path=plots/roc.png/x"])
def test_what_is_not_there_is_not_found(client, run, query):
    response = client.get(f"/runs/r1/artifacts/{query}")
    assert response.status_code == 404
    assert "has no artifact" in response.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "?path=../secret",
        "?path=/etc/passwd",
        "?path=a%5Cb",
        "?page=0",
        "?page=x",
        "?page=-1",
        "?page=1e3",
        "?page=99999999999",
        "?page=%D9%A1",
    ],
)
def test_a_strange_address_is_refused_in_words(client, run, query):
    assert client.get(f"/runs/r1/artifacts/{query}").status_code == 400


def test_names_are_escaped(client, run):
    for name in ("<script>alert(1)</script>.txt", '"onload=alert(1) x=".png', "a&b?c#d%41.txt", "שלום.txt"):
        make_artifact(run, f"odd/{name}", "odd")
        page = page_of(client, "?path=odd")
        assert "<script>alert" not in page
        assert '"onload=' not in page
    assert 'href="?path=odd/a%26b%3Fc%23d%2541.txt"' in page_of(client, "?path=odd")
    assert 'src="/preview/r1/odd/%22onload%3Dalert%281%29%20x%3D%22.png"' not in page_of(client, "?path=odd")


def test_content_that_is_missing_from_the_disk_is_said(client, run, settings, tmp_path):
    backend = {"BACKEND": "runs.artifacts.storage.BlobStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"artifacts": backend}
    response = client.get("/runs/r1/artifacts/?path=train.py")
    assert response.status_code == 404
    assert "missing from the disk" in response.content.decode()


@pytest.mark.parametrize(("files", "query"), [(2, "?path=train.py"), (60, "?path=train.py"), (60, "?path=plots")])
def test_the_number_of_queries_does_not_grow(client, run, django_assert_num_queries, files, query):
    for number in range(files):
        make_artifact(run, f"deep/{number}/a/b/c.txt", str(number))
    # Run and experiment; all files; experiments in the bar; runs before and after; what is in the other seven tabs, for
    # media with MLflow's tables; the chosen file.
    with django_assert_num_queries(13 if "train" in query else 12):
        page_of(client, query)


# Deleting


def delete(client, path, run_id="r1"):
    return client.post(f"/runs/{run_id}/artifacts/delete/", {"path": path})


def test_a_file_is_deleted_and_its_folder_is_shown(client, run):
    response = delete(client, "plots/roc.png")
    assert (response.status_code, response["Location"]) == (302, "/runs/r1/artifacts/?path=plots")
    assert not Artifact.objects.filter(path="plots/roc.png").exists()
    assert AuditEntry.objects.filter(action="delete artifact").exists()
    assert "Deleted plots/roc.png." in page_of(client)


def test_a_folder_is_deleted_with_all_below(client, run):
    assert delete(client, "plots")["Location"] == "/runs/r1/artifacts/"
    assert list(run.artifacts.values_list("path", flat=True)) == ["README.md", "train.py"]


def test_the_page_asks_before_it_deletes(client, run):
    assert "The file goes for good." in page_of(client, "?path=train.py")
    assert "Its 2 files" in page_of(client, "?path=plots")


def test_of_a_run_in_the_trash_nothing_is_deleted(client, run):
    run.trash()
    assert "Delete" not in page_of(client, "?path=train.py")
    assert delete(client, "train.py").status_code == 409
    assert run.artifacts.filter(path="train.py").exists()


@pytest.mark.parametrize(("path", "status"), [("", 400), ("../x", 400), ("nothing", 404)])
def test_what_can_not_be_deleted_is_said(client, run, path, status):
    assert delete(client, path).status_code == status


def test_deleting_needs_a_token_of_our_form_and_no_link_does_it(client, run):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/runs/r1/artifacts/delete/", {"path": "train.py"}).status_code == 403
    assert client.get("/runs/r1/artifacts/delete/").status_code == 405
    assert run.artifacts.filter(path="train.py").exists()


# On the run's own page


def test_the_overview_lists_the_first_files(client, run):
    page = client.get("/runs/r1/").content.decode()
    assert 'href="/runs/r1/artifacts/?path=plots/roc.png"' in page
    assert "Artifacts<small>4</small>" in page


def test_the_overview_of_a_run_without_files_lists_none(client):
    make_run(run_id="bare")
    page = client.get("/runs/bare/").content.decode()
    assert 'id="artifacts"' not in page
    assert 'class="nothing">Artifacts</a>' in page
