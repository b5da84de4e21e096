"""schemathesis makes requests from the OpenAPI schema: none is answered 5xx, and answers are what the schema says."""

import json
from collections.abc import Iterator

import pytest
import schemathesis
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from tests.server import RealServer

DOCUMENT = json.loads(OpenApiJsonRenderer().render(SchemaGenerator().get_schema(public=True)))
OPERATIONS = {
    operation.label: operation
    for operation in (result.ok() for result in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations())
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with two runs in it, of these tests alone: what they make up may delete anything."""
    server = RealServer(tmp_path_factory.mktemp("schema")).start()
    client = server.client()
    client.put("/api/v1/runs/r1/", {"params": {"lr": "0.1"}})
    client.post("/api/v1/runs/r1/log/", {"metrics": {"loss": {"values": ["Infinity", 0.5, "NaN"], "steps": [0, 1, 2]}}})
    client.put("/api/v1/runs/r2/")
    client.post("/api/v1/runs/r2/log/", {"metrics": {"loss": {"values": ["NaN"]}, "gain": {"values": ["-Infinity"]}}})
    yield server.url
    server.stop()


@pytest.mark.slow
@pytest.mark.parametrize("label", OPERATIONS)
def test_no_request_made_from_the_schema_breaks_the_server(label: str, url: str) -> None:
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=OPERATIONS[label].as_strategy())
    def send(case: schemathesis.Case) -> None:
        response = case.call(base_url=url, timeout=60)
        case.validate_response(response, checks=[not_a_server_error, response_schema_conformance])

    send()


def test_the_schema_is_served_with_every_operation(url: str) -> None:
    assert len(OPERATIONS) >= 14
    assert {"PUT /api/v1/runs/{run_id}/", "POST /api/v1/runs/{run_id}/log/", "GET /api/v1/metrics/"} <= set(OPERATIONS)
