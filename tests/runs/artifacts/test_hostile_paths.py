"""Every page that takes an artifact's path × the corpus of ways out: refused or not found, never served, never 500."""

from urllib.parse import quote

import pytest
from django.test import Client

from runs.artifacts import store
from runs.models import Artifact
from tests.factories import make_run
from tests.runs.artifacts.test_paths import HOSTILE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def run():
    run = make_run(run_id="r1")
    store.put(run, "a/b.txt", [b"ours"])
    return run


@pytest.mark.parametrize("path", HOSTILE)
def test_a_page_shows_nothing_of_it(path):
    client = Client(raise_request_exception=False)
    for address in (f"/runs/r1/artifacts/?path={quote(path, safe='')}", f"/preview/r1/{quote(path, safe='')}"):
        answer = client.get(address)
        assert answer.status_code in (400, 404), address
        assert b"root:" not in answer.getvalue()


@pytest.mark.parametrize("path", HOSTILE)
def test_a_form_deletes_nothing_by_it(path):
    client = Client(raise_request_exception=False)
    assert client.post("/runs/r1/artifacts/delete/", {"path": path}).status_code in (400, 404)
    assert Artifact.objects.count() == 1
