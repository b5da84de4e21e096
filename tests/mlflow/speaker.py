"""Asks a server in MLflow's protocol, and keeps its answers in a form to compare with those of another server."""

import http.client
import json
import re
import time
from contextlib import closing
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

API = "/api/2.0/mlflow/"
#: What differs from server to server: ids, names that were made up, and the present.
_ID = re.compile(r"m-[0-9a-f]{32}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EXPERIMENT_PATH = re.compile(r"(mlflow-artifacts:/)(\d+)")
_MADE_UP_NAME = re.compile(r"[a-z]+-[a-z]+(-\d+)?")
_RECENT_MS = 3_600_000
_PATIENCE_SECONDS = 180
#: What MLflow says in HTML, and we in the shape of all other errors.
_PLAIN_ERRORS = {"ENDPOINT_NOT_FOUND", "METHOD_NOT_ALLOWED"}
#: Lists whose order MLflow leaves open, by what sorts them here.
_UNORDERED = {
    "tags": "key", "params": "key", "metrics of a run": "key", "latest_versions": "version", "aliases": "alias",
}  # fmt: skip


def _sorted_by(item: Any, key: str) -> str:
    return str(item[_UNORDERED[key]] if isinstance(item, dict) else item)


class Answer(NamedTuple):
    """A status, and the JSON, or else the bytes, that came with it."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def outcome(self) -> tuple[int, str]:
        """The status and, of an error, its code."""
        is_error = isinstance(self.body, dict) and "error_code" in self.body
        return self.status, self.body["error_code"] if is_error else ""


class Speaker:
    """One server, asked by one test. `told` is all that it answered, without what differs from server to server."""

    def __init__(self, url: str, name: str) -> None:
        self.name, self.told = name, list[Any]()
        self._host = urlsplit(url).netloc
        self._names: dict[str, str] = {}
        self._experiments = 0

    def get(self, path: str, /, **query: Any) -> Any:
        """The body of a GET below the protocol's address; a list becomes a repeated key."""
        return self.ask("GET", f"{API}{path}?{urlencode(query, doseq=True)}" if query else API + path).body

    def post(self, path: str, /, **body: Any) -> Any:
        """The body of a POST below the protocol's address."""
        return self.ask("POST", API + path, body).body

    def ask(self, method: str, address: str, body: Any = None, content_type: str = "application/json") -> Answer:
        """What a server answers. `body` goes as JSON, bytes go as they are."""
        raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        headers = {} if raw is None else {"Content-Type": content_type}
        # A connection each: MLflow ends one that says nothing for five seconds, whoever is about to speak.
        with closing(http.client.HTTPConnection(self._host, timeout=_PATIENCE_SECONDS)) as connection:
            connection.request(method, address, raw, headers)
            response = connection.getresponse()
            content = response.read()
        try:
            answer: Any = json.loads(content)
        except ValueError:
            answer = content
        told = Answer(response.status, answer, {name.lower(): value for name, value in response.getheaders()})
        self.told.append((told.status, self._comparable(told)))
        return told

    def experiment(self, **fields: Any) -> str:
        """A new experiment of this test alone."""
        self._experiments += 1
        name = f"{self.name} {self._experiments}"
        return str(self.post("experiments/create", **({"name": name} | fields))["experiment_id"])

    def run(self, experiment_id: str | None = None, **fields: Any) -> str:
        """A new run; in a new experiment when none is given."""
        made = {"experiment_id": experiment_id or self.experiment(), "start_time": 1000} | fields
        return str(self.post("runs/create", **made)["run"]["info"]["run_id"])

    def tell(self, run_id: str) -> Any:
        """All of a run."""
        return self.get("runs/get", run_id=run_id)

    def log(self, run_id: str, **values: float) -> None:
        """A point of each metric."""
        metrics = [{"key": key, "value": value, "timestamp": 5, "step": 0} for key, value in values.items()]
        self.post("runs/log-batch", run_id=run_id, metrics=metrics)

    def _comparable(self, answer: Answer) -> Any:
        if answer.outcome[1] in _PLAIN_ERRORS:
            return "an error"
        if answer.outcome[1]:
            assert answer.body["message"]
            return answer.outcome[1]
        if answer.status >= 400:
            return "an error"
        return self._plain(answer.body)

    def _plain(self, value: Any, key: str = "") -> Any:
        """A value with its ids numbered in the order of their appearance, and without the present."""
        if isinstance(value, dict):
            places = {"metrics": "metrics of a run"} if key == "data" else {}
            return {name: self._plain(item, places.get(name, name)) for name, item in sorted(value.items())}
        if isinstance(value, list):
            items = [self._plain(item) for item in value]
            return sorted(items, key=lambda item: _sorted_by(item, key)) if key in _UNORDERED else items
        if isinstance(value, bool | bytes) or value is None:
            return value
        if isinstance(value, int | float):
            return "now" if abs(value - time.time() * 1000) < _RECENT_MS else value
        return self._text(value, key)

    def _text(self, text: str, key: str) -> str:
        if key in ("experiment_id", "next_page_token"):
            return self._numbered(key, text) if key == "experiment_id" else "a token"
        if key in ("run_name", "name", "value") and _MADE_UP_NAME.fullmatch(text):
            return "a made-up name"
        text = _EXPERIMENT_PATH.sub(lambda found: found[1] + self._numbered("experiment_id", found[2]), text)
        return _ID.sub(lambda found: self._numbered("id", found[0]), text)

    def _numbered(self, kind: str, text: str) -> str:
        return self._names.setdefault(f"{kind} {text}", f"{kind} {len(self._names)}")
