"""Every route of MLflow's protocol × malformed, huge, hostile and odd input: 4xx in MLflow's error shape, never 500."""

import inspect
import json
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest

from mlflow_api.urls import (
    PREFIXES,
    PREVIEW_PREFIXES,
    PREVIEW_ROUTES,
    PROXY_PREFIXES,
    PROXY_ROUTES,
    ROOT_ROUTES,
    ROUTES,
)
from runs.models import Param, Run
from tests.api import Api
from tests.factories import make_experiment, make_run
from tests.test_hostile_requests import BODIES, QUERIES, SEGMENTS

pytestmark = pytest.mark.django_db
api = Api()

#: They answer in plain text, whatever they are asked.
PLAIN = {"health", "version"}
#: Every route by method and address, below the first of its addresses.
VIEWS = {
    (method, prefix + path): view
    for prefix, routes in (
        (PREFIXES[0], ROUTES),
        (PREVIEW_PREFIXES[0], PREVIEW_ROUTES),
        (PROXY_PREFIXES[0], PROXY_ROUTES),
        ("", ROOT_ROUTES),
    )
    for method, path, view in routes
}
ADDRESSES = sorted(VIEWS)
WRITES = [(method, address) for method, address in ADDRESSES if method != "GET"]
READS = [(method, address) for method, address in ADDRESSES if method == "GET" and address not in PLAIN]

#: Values that a field of any name may get.
VALUES: dict[str, Any] = {
    "a number": 5,
    "a fraction": 0.5,
    "a huge number": 10**400,
    "beyond 64 bits": 2**63,
    "a negative number": -1,
    "true": True,
    "null": None,
    "an empty text": "",
    "blanks": "   ",
    "a list": [],
    "a list of nulls": [None],
    "a list of lists": [[[]]],
    "a list of numbers": [1, 2],
    "an object": {"a": 1},
    "a path": "../../../etc/passwd",
    "SQL": "' OR 1=1; DROP TABLE runs_run --",
    "a script": "<script>alert(1)</script>",
    "a NUL": "a\x00b",
    "a lone surrogate": "\ud800",
    "an emoji": "💥",
    "a right-to-left mark": "a\u202eb",
    "a long text": "x" * 100_000,
    "not a number": "NaN",
    "digits of another script": "١٢٣",
}
#: What routes look for that read their request themselves.
QUERY_FIELDS = ("run_id", "run_uuid", "path", "artifact_file_path", "num_parts", "parts", "upload_id")


def fields_of(method: str, address: str) -> tuple[str, ...]:
    """The fields that a route knows; it passes over all others."""
    message = inspect.signature(VIEWS[method, address]).parameters.get("message")
    return QUERY_FIELDS if message is None else (*message.annotation.__struct_fields__, "unknown")


def plausible() -> dict[str, Any]:
    """A request that would do for most routes."""
    return {
        "run_id": "r1", "run_uuid": "r1", "experiment_id": "0", "experiment_ids": ["0"], "experiment_name": "Default",
        "name": "n", "new_name": "m", "key": "k", "value": "1", "timestamp": 1, "metric_key": "k", "run_ids": ["r1"],
        "max_results": 5, "path": "a", "model_json": "{}", "num_parts": 1, "status": 2, "param_name": "p", "parts": [],
        "upload_id": "0" * 32,
    }  # fmt: skip


def assert_refused_or_fine(answer: Any) -> None:
    assert answer.status < 500, answer
    if answer.status >= 400:
        assert set(answer.body) == {"error_code", "message"}
        assert answer.body["message"]


@pytest.fixture
def _run() -> None:
    make_run(run_id="r1")


def fill(address: str, segment: str = "r1") -> str:
    """The address with something in place of what it takes."""
    parts = [
        "1" if part.startswith("<int:") else segment if part.startswith("<") else part for part in address.split("/")
    ]
    return "/" + "/".join(parts)


@pytest.mark.usefixtures("_run")
@pytest.mark.parametrize(("method", "address"), WRITES)
def test_no_body_breaks_a_route(method, address):
    for body in BODIES.values():
        assert_refused_or_fine(api.send(method, fill(address), body))


@pytest.mark.usefixtures("_run")
@pytest.mark.parametrize(("method", "address"), WRITES)
def test_no_value_of_a_field_breaks_a_route(method, address):
    for field, value in product(fields_of(method, address), VALUES.values()):
        body = json.dumps(plausible() | {field: value}).encode()
        assert_refused_or_fine(api.send(method, fill(address), body))


@pytest.mark.usefixtures("_run")
@pytest.mark.parametrize(("method", "address"), READS)
def test_no_value_in_a_query_breaks_a_route(method, address):
    values = [value for name, value in VALUES.items() if name != "a lone surrogate"]
    for field, value in product(fields_of(method, address), values):
        query = urlencode(plausible() | {field: value}, doseq=True)
        assert_refused_or_fine(api.get(f"{fill(address)}?{query}"))


@pytest.mark.usefixtures("_run")
@pytest.mark.parametrize(("method", "address"), READS)
def test_no_odd_query_breaks_a_route(method, address):
    for query in QUERIES.values():
        assert_refused_or_fine(api.get(f"{fill(address)}?{query}"))


@pytest.mark.usefixtures("_run")
@pytest.mark.parametrize("segment", SEGMENTS)
def test_no_odd_address_breaks_a_route(segment):
    for method, address in [*ADDRESSES, ("GET", f"{PREFIXES[0]}<unknown>"), ("GET", f"{PREFIXES[0]}runs/<unknown>")]:
        if "<" in address:
            assert_refused_or_fine(api.send(method, fill(address, segment), b"{}"))


@pytest.mark.parametrize(("_method", "address"), ADDRESSES)
@pytest.mark.parametrize("foreign", ["TRACE", "PROPFIND", "LOCK"])
def test_a_foreign_method_is_refused(_method, address, foreign):
    answer = api.send(foreign, fill(address))
    assert answer.status == 405
    assert answer.body["error_code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.usefixtures("_run")
def test_a_batch_with_one_bad_entry_stores_nothing():
    for bad in ({"key": "b*d", "value": "1"}, {"key": "", "value": "1"}, {"value": "1"}, {"key": "x" * 251}):
        body = {"run_id": "r1", "params": [{"key": "good", "value": "1"}, bad]}
        assert api.post("/api/2.0/mlflow/runs/log-batch", body).status == 400
    assert not Param.objects.exists()


def test_a_run_whose_tags_are_refused_is_not_made():
    make_experiment("e")
    body = {"experiment_id": "0", "tags": [{"key": "b*d", "value": "1"}]}
    assert api.post("/api/2.0/mlflow/runs/create", body).status == 400
    assert not Run.objects.exists()


HEADERS: dict[str, dict[str, str]] = {
    "a packed body that is not": {"Content-Encoding": "gzip"},
    "an unknown packing": {"Content-Encoding": "x, gzip, br"},
    "a form": {"content_type": "multipart/form-data; boundary=x"},
    "a form without a boundary": {"content_type": "multipart/form-data"},
    "a type of nothing": {"content_type": ";"},
    "another charset": {"content_type": "application/json; charset=utf-16"},
    "a charset of nothing": {"content_type": "application/json; charset="},
    "a range backwards": {"Range": "bytes=9-1"},
    "a huge range": {"Range": "bytes=99999999999999999999-"},
    "odd conditions": {"If-None-Match": '"', "If-Modified-Since": "yesterday", "If-Range": "x"},
    "another verb": {"X-HTTP-Method-Override": "DELETE"},
    "credentials": {"Authorization": "Basic !!!", "Cookie": "=;=;trackerweb_csrf=x"},
    "what is accepted is odd": {"Accept": "x/y;q=z", "Accept-Encoding": "identity;q=0", "Accept-Language": "*" * 500},
    "a long header": {"X-Long": "x" * 8000},
}


@pytest.mark.usefixtures("_run")
@pytest.mark.parametrize("headers", HEADERS.values(), ids=list(HEADERS))
def test_no_odd_header_breaks_a_route(headers):
    body = json.dumps(plausible()).encode()
    for method, address in ADDRESSES:
        if address not in PLAIN:
            response = api.client.generic(
                method,
                fill(address),
                b"" if method == "GET" else body,
                headers={name: value for name, value in headers.items() if name != "content_type"},
                content_type=headers.get("content_type", "application/json"),
            )
            assert response.status_code < 500
            if response.status_code >= 400:
                assert set(response.json()) == {"error_code", "message"}
