"""Local mode refuses what does not come from a program or a page of this machine that means this server."""

import pytest
from django.test import Client

from experiments.models import Experiment

pytestmark = pytest.mark.django_db

ROUTES = [
    ("GET", "/"),
    ("GET", "/connect/"),
    ("GET", "/api/v1/experiments/"),
    ("POST", "/api/v1/experiments/"),
    ("PUT", "/api/v1/experiments/by-name/stolen/"),
    ("PUT", "/api/v1/runs/stolen/"),
    ("DELETE", "/api/v1/experiments/0/"),
    ("POST", "/experiments/new/"),
]
STRANGERS = [
    ({"HTTP_HOST": "evil.example"}, 400),
    ({"HTTP_HOST": "127.0.0.1.evil.example:8000"}, 400),
    ({"HTTP_HOST": "localhost@evil.example"}, 400),
    ({"HTTP_ORIGIN": "http://evil.example"}, 403),
    ({"HTTP_ORIGIN": "https://testserver"}, 403),
    ({"HTTP_ORIGIN": "http://testserver:9999"}, 403),
    ({"HTTP_ORIGIN": "null"}, 403),
    ({"HTTP_ORIGIN": ""}, 403),
    ({"HTTP_FORWARDED": "for=1.2.3.4"}, 403),
    ({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 403),
    ({"HTTP_X_FORWARDED_HOST": "testserver"}, 403),
    ({"HTTP_X_FORWARDED_PROTO": "http"}, 403),
    ({"HTTP_X_FORWARDED": "1"}, 403),
    ({"HTTP_CF_CONNECTING_IP": "127.0.0.1"}, 403),
    ({"HTTP_VIA": "1.1 proxy"}, 403),
    ({"HTTP_X_REAL_IP": "127.0.0.1"}, 403),
    ({"REMOTE_ADDR": "192.168.1.7"}, 403),
    ({"REMOTE_ADDR": "::ffff:10.0.0.1"}, 403),
    ({"REMOTE_ADDR": ""}, 403),
]


def send(method, path, **environ):
    return Client().generic(method, path, b'{"name": "stolen"}', content_type="application/json", **environ)


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(("environ", "status"), STRANGERS)
def test_a_stranger_is_refused_on_every_route(method, path, environ, status):
    assert send(method, path, **environ).status_code == status
    assert list(Experiment.objects.values_list("name", flat=True)) == ["Default"]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route[0] != "GET"])
def test_a_write_from_a_page_of_another_site_is_refused(method, path, site):
    assert send(method, path, HTTP_SEC_FETCH_SITE=site).status_code == 403


def test_a_link_on_another_site_may_lead_here():
    link = {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_SEC_FETCH_MODE": "navigate", "HTTP_SEC_FETCH_DEST": "document"}
    assert send("GET", "/", **link).status_code == 200


@pytest.mark.parametrize(
    ("mode", "dest"),
    [("no-cors", "image"), ("no-cors", "script"), ("cors", "empty"), ("no-cors", "empty"), ("navigate", "iframe")],
)
def test_another_site_may_not_draw_on_ours(mode, dest):
    answer = send("GET", "/", HTTP_SEC_FETCH_SITE="same-site", HTTP_SEC_FETCH_MODE=mode, HTTP_SEC_FETCH_DEST=dest)
    assert answer.status_code == 403


def test_a_refusal_shows_a_stranger_nothing_of_ours():
    answer = send("GET", "/", HTTP_HOST="evil.example")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "TRACKER_ALLOWED_HOSTS" in answer.content.decode()
    assert send("GET", "/api/v1/runs/", HTTP_HOST="evil.example").json()["error_code"] == "BAD_REQUEST"


def test_our_own_pages_may_write():
    answer = send("POST", "/api/v1/experiments/", HTTP_ORIGIN="http://testserver", HTTP_SEC_FETCH_SITE="same-origin")
    assert answer.status_code == 201


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_the_api_takes_json_alone(content_type):
    """A form of a foreign page can send these without asking."""
    answer = Client().generic("POST", "/api/v1/experiments/", b'{"name": "stolen"}', content_type=content_type)
    assert answer.status_code == 415


def test_a_form_needs_its_token():
    answer = Client(enforce_csrf_checks=True).post("/experiments/new/", {"name": "stolen"})
    assert answer.status_code == 403
    assert "out of date" in answer.content.decode()


@pytest.mark.parametrize("path", ["/", "/connect/", "/nothing/", "/api/docs/", "/experiments/0/"])
def test_every_answer_carries_the_policy(path):
    headers = Client().get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_travels_compressed_and_an_answer_does_not():
    page = Client().get("/connect/", headers={"accept-encoding": "gzip"})
    answer = Client().get("/api/schema/", headers={"accept-encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/api/v1/experiments/", "/api/2.0/mlflow/experiments/get?experiment_id=0", "/get-artifact"]
)
def test_what_programs_get_may_do_nothing_in_a_browser(path):
    assert Client().get(path).headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
