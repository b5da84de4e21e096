"""What an attack on the running server found, kept from coming back."""

from wsgiref.util import setup_testing_defaults

import pytest
from django.test import Client

from runs.models import Run
from tests.api import Api, assert_error
from tests.factories import make_run
from trackerweb.wsgi import application

pytestmark = pytest.mark.django_db
api = Api()


def test_an_environment_too_deep_to_read_back_is_refused_whole():
    deep = 1
    for _ in range(700):
        deep = [deep]
    assert_error(api.put("/api/v1/runs/r1/", {"environment": {"x": deep}}), 400, field="environment")
    assert not Run.objects.exists()


def test_a_form_with_a_wrong_part_changes_nothing():
    run = make_run(name="before")
    assert Client().post(f"/runs/{run.run_id}/edit/", {"name": "CHANGED", "tag": ""}).status_code == 400
    run.refresh_from_db()
    assert run.name == "before"


def test_too_many_params_are_413():
    assert_error(api.put("/api/v1/runs/r1/", {"params": {f"p{place}": "1" for place in range(50_001)}}), 413)


@pytest.mark.parametrize("number", ["0" * 5000, "0" * 20 + "9" * 30, "9" * 19])
def test_a_number_of_thousands_of_digits_is_no_experiment(number):
    assert api.get(f"/api/v1/runs/?experiment={number}").status == 400


@pytest.mark.parametrize("text", ["a" * 60_000, "_" * 26_000])
def test_a_search_for_an_overlong_name_finds_nothing(text):
    assert Client().get("/", {"q": text}).status_code == 200


@pytest.mark.parametrize("charset", ["base64", "rot13", "unicode_escape", "utf-16"])
def test_a_strange_charset_is_415(charset):
    answer = Client().generic(
        "POST", "/api/v1/experiments/", b"{}", content_type=f"application/json; charset={charset}"
    )
    assert answer.status_code == 415


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-16"])
def test_a_strange_charset_of_a_reading_request_is_415(charset):
    assert Client().get("/?q=a", CONTENT_TYPE=f"text/plain; charset={charset}").status_code == 415


@pytest.mark.parametrize("charset", ["base64", "rot13", "punycode", "hex", "idna", "undefined"])
def test_a_charset_that_is_no_text_is_415_too(charset):
    said = []
    environ = {"QUERY_STRING": "q=%5Cud800", "CONTENT_TYPE": f"text/plain; charset={charset}"}
    setup_testing_defaults(environ)
    body = b"".join(application(environ, lambda status, headers: said.append(status)))
    assert said == ["415 Unsupported Media Type"], body
