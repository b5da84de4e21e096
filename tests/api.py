"""Talks to the API inside the test's process, and knows the one error shape."""

import json
from typing import Any, NamedTuple

from django.test import Client


class Answer(NamedTuple):
    """A status and what came with it: JSON, or the bytes of a file."""

    status: int
    body: Any


class Api:
    """`api.get("/api/v1/…")` and its kin. An exception in a view is a 500, as it is for a user."""

    def __init__(self) -> None:
        self.client = Client(raise_request_exception=False)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """`body` goes as JSON, bytes go as they are."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        content_type = headers.pop("content_type", "application/json")
        response = self.client.generic(method, path, raw, content_type=content_type, headers=headers or None)
        if response.streaming:
            return Answer(response.status_code, b"".join(response.streaming_content))
        return Answer(response.status_code, json.loads(response.content) if response.content else None)

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def put(self, path: str, body: Any = None) -> Answer:
        return self.send("PUT", path, body)

    def post(self, path: str, body: Any = None) -> Answer:
        return self.send("POST", path, body)

    def patch(self, path: str, body: Any = None) -> Answer:
        return self.send("PATCH", path, body)

    def delete(self, path: str) -> Answer:
        return self.send("DELETE", path)


def assert_error(
    answer: Answer, status: int | None = None, error_code: str | None = None, field: str | None = None
) -> None:
    """The answer is a 4xx in the error shape; with what is given."""
    assert 400 <= answer.status < 500, answer
    assert set(answer.body) <= {"error_code", "message", "field", "index"}, answer
    assert answer.body["error_code"]
    assert answer.body["message"]
    assert status in (None, answer.status), answer
    assert error_code in (None, answer.body["error_code"]), answer
    assert field in (None, answer.body.get("field")), answer
