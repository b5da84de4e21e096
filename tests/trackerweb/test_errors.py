"""Errors are answered in one shape to programs and as a page to people."""

import errno

import pytest
from django.db import DatabaseError, OperationalError
from django.http import Http404
from django.http.request import UnreadablePostError
from django.test import Client, RequestFactory
from rest_framework import exceptions as drf

from experiments.models import Experiment
from trackerweb import errors

pytestmark = pytest.mark.django_db


def raising(monkeypatch, error):
    """A client of a server that can't look for experiments."""

    def fail(*args, **kwargs):
        raise error

    for name in ("active", "by_id"):
        monkeypatch.setattr(f"experiments.querysets.ExperimentQuerySet.{name}", fail)
    return Client(raise_request_exception=False)


def test_an_unknown_address_is_a_page_or_json():
    page, answer = Client().get("/nothing/"), Client().get("/api/v1/nothing/")
    assert (page.status_code, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "Nothing is at this address." in page.content.decode()
    assert answer.status_code == 404
    assert answer.json() == {
        "error_code": "RESOURCE_DOES_NOT_EXIST",
        "message": "Nothing is at /api/v1/nothing/. /api/docs/ lists every route.",
    }


def test_a_message_can_not_write_into_the_page():
    page = Client().get("/runs/<script>alert(1)</script>/")
    assert page.status_code == 404
    assert b"<script>alert" not in page.content


def test_a_bug_says_nothing_of_itself_and_goes_to_the_log(monkeypatch, caplog):
    client = raising(monkeypatch, ZeroDivisionError("secret detail"))
    answer = client.get("/api/v1/experiments/0/")
    assert answer.status_code == 500
    assert answer.json()["error_code"] == "INTERNAL_ERROR"
    assert "secret detail" not in answer.content.decode()
    assert "secret detail" in caplog.text


def test_a_broken_database_is_still_answered(monkeypatch):
    page = raising(monkeypatch, DatabaseError("no such table")).get("/")
    assert page.status_code == 500
    assert page.headers["Content-Type"].startswith("text/plain")
    assert "The server failed." in page.content.decode()


def test_a_locked_database_asks_to_come_back(monkeypatch):
    answer = raising(monkeypatch, OperationalError("database is locked")).get("/api/v1/experiments/0/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert answer.json()["error_code"] == "TEMPORARILY_UNAVAILABLE"


def test_a_page_asks_to_come_back_too():
    Experiment.objects.ensure_default()
    page = errors.answer(RequestFactory().get("/"), errors.ServerBusy("Come back."))
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "2"
    assert b"Come back." in page.content


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.AlreadyExists("taken"), 409),
        (Http404(), 404),
        (UnreadablePostError(), 400),
        (drf.MethodNotAllowed("PUT"), 405),
        (drf.UnsupportedMediaType("text/csv"), 415),
        (drf.ParseError(), 400),
    ],
)
def test_what_frameworks_raise_has_a_word_of_ours(error, status):
    known = errors.translated(error)
    assert known is not None
    assert known.status == status
    assert known.message


@pytest.mark.parametrize(
    ("detail", "field", "index", "message"),
    [
        ({"name": ["Too long."]}, "name", None, "name: Too long."),
        ({"tags": {"key": ["Empty."]}}, "tags.key", None, "tags.key: Empty."),
        ({"steps": {0: ["Not a number."]}}, "steps", 0, "steps: Not a number."),
        ({"runs": [{}, {"name": ["Too long."]}]}, "runs.name", 1, "runs.name: Too long."),
        ([{"name": ["Too long."]}], "name", 0, "name: Too long."),
        ({"non_field_errors": ["Nothing to do."]}, None, None, "Nothing to do."),
        (["Nothing to do."], None, None, "Nothing to do."),
    ],
)
def test_what_a_serializer_found_keeps_its_place(detail, field, index, message):
    known = errors.translated(drf.ValidationError(detail))
    assert (known.field, known.index, known.message) == (field, index, message)


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), OperationalError("database or disk is full")]
)
def test_a_full_disk_is_named(monkeypatch, error):
    answer = raising(monkeypatch, error).get("/api/v1/experiments/0/")
    assert (answer.status_code, answer.json()["error_code"]) == (507, "INSUFFICIENT_STORAGE")
