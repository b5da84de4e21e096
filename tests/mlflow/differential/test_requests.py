"""Odd requests, asked of MLflow and of us."""

import pytest

from tests.mlflow.compare import alike, differs
from tests.mlflow.speaker import API, Speaker

CREATE = API + "experiments/create"


@alike
def test_a_body_that_is_empty(server: Speaker):
    server.ask("POST", CREATE, b"")


@pytest.mark.parametrize("body", [b"null", b"{}"])
@alike
def test_a_body_that_says_nothing(server: Speaker, body):
    server.ask("POST", CREATE, body)


@pytest.mark.parametrize("body", [b"{", b"name=x", b"{'name': 'x'}", b"\xff\xfe", b'{"name": "x",}'])
@alike
def test_a_body_that_is_no_json(server: Speaker, body):
    server.ask("POST", CREATE, body)


@pytest.mark.parametrize("body", [b"[]", b"5", b"true", b'["name"]'])
@differs("what breaks MLflow", theirs=500, ours=400)
def test_a_body_that_is_no_object(server: Speaker, body):
    return server.ask("POST", CREATE, body).status


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
@alike
def test_a_body_of_another_type(server: Speaker, content_type):
    server.ask("POST", CREATE, b'{"name": "typed"}', content_type)


@alike
def test_a_body_with_a_charset(server: Speaker):
    server.ask("POST", CREATE, b'{"name": "with a charset"}', "application/json; charset=utf-8")


@alike
def test_json_in_a_text(server: Speaker):
    server.ask("POST", CREATE, b'"{\\"name\\": \\"in a text\\"}"')


@alike
def test_camel_case(server: Speaker):
    body = {"experimentId": server.experiment(), "runName": "camel", "startTime": 5}
    server.tell(server.ask("POST", API + "runs/create", body).body["run"]["info"]["run_id"])


@differs("required fields in camel case", theirs=400, ours=200)
def test_required_fields_in_camel_case(server: Speaker):
    point = {"runId": server.run(), "key": "m", "value": 1, "timestamp": 1}
    return server.ask("POST", API + "runs/log-metric", point).status


@alike
def test_unknown_fields(server: Speaker):
    server.ask("POST", CREATE, {"name": server.name, "colour": "red", "tags": [{"key": "a", "value": "1", "x": 1}]})


@alike
def test_fields_that_are_null(server: Speaker):
    server.ask("POST", CREATE, {"name": server.name, "artifact_location": None, "tags": None})


@alike
def test_the_same_field_twice(server: Speaker):
    server.ask("POST", CREATE, b'{"name": "first of two", "name": "second of two"}')


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
@alike
def test_another_verb(server: Speaker, method):
    server.ask(method, CREATE, None if method == "GET" else {})


@pytest.mark.parametrize("path", ["nothing", "experiments/nothing", "runs", "runs/get/5"])
@alike
def test_an_address_of_nothing(server: Speaker, path):
    assert server.ask("GET", API + path).status == 404


@alike
def test_health(server: Speaker):
    server.ask("GET", "/health")


@alike
def test_version(server: Speaker):
    server.ask("GET", "/version")


@pytest.mark.parametrize("name", ["presigned_upload_run_id_supported", "presigned_upload_model_id_supported"])
@differs("what the server can do", theirs=True, ours=False)
def test_server_info(server: Speaker, name):
    return server.ask("GET", "/api/3.0/mlflow/server-info").body[name]


@differs("what the server can do", theirs=False, ours=True)
def test_server_info_on_large_files(server: Speaker):
    return server.ask("GET", "/api/3.0/mlflow/server-info").body["multipart_uploads_enabled"]


@alike
def test_the_rest_of_server_info(server: Speaker):
    body = server.ask("GET", "/api/3.0/mlflow/server-info").body
    rest = ("store_type", "workspaces_enabled", "trace_archival_enabled", "multipart_downloads_enabled")
    server.told[-1] = {name: body[name] for name in rest}


@pytest.mark.parametrize("path", ["traces?experiment_ids=0"])
@differs("traces", theirs=200, ours=404)
def test_what_comes_later(server: Speaker, path):
    return server.ask("GET", f"/api/2.0/mlflow/{path}").status


@differs("addresses before 1.0", theirs=404, ours=200)
def test_preview(server: Speaker):
    return server.ask("GET", "/api/2.0/preview/mlflow/experiments/list").status


@differs("addresses before 1.0", theirs=404, ours=200)
def test_the_list_of_1x(server: Speaker):
    return server.ask("GET", API + "experiments/list").status
