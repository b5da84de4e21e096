"""MLflow's protocol over one kept connection. `http.client` costs 0.1 ms a request, a client of ten layers one."""

import http.client
import json
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

API = "/api/2.0/mlflow/"
PROXY = "/api/2.0/mlflow-artifacts/artifacts/"
#: Servers drop connections that say nothing: one that was silent for so long is opened anew.
IDLE_SECONDS = 1.0


class Rest:
    """One client with one connection: for one thread."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=300)
        self._used = 0.0

    def send(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> bytes:
        """The body of the answer.

        Errors: RuntimeError for any status but 200; OSError.
        """
        if time.monotonic() - self._used > IDLE_SECONDS:
            self._connection.close()
        self._connection.request(method, path, body, {} if body is None else {"Content-Type": kind})
        answer = self._connection.getresponse()
        content = answer.read()
        self._used = time.monotonic()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:200]!r}")
        return content

    def get(self, path: str, **query: Any) -> Any:
        """A GET of the protocol."""
        return json.loads(self.send("GET", f"{API}{path}?{urlencode(query, doseq=True)}"))

    def post(self, path: str, **body: Any) -> Any:
        """A POST of the protocol."""
        return json.loads(self.send("POST", API + path, json.dumps(body).encode()) or b"{}")

    def experiment(self, name: str) -> str:
        """The id of a new experiment."""
        return str(self.post("experiments/create", name=name)["experiment_id"])

    def run(self, experiment: str, **fields: Any) -> dict[str, Any]:
        """The info of a new run."""
        body = {"experiment_id": experiment, "run_name": "bench", "start_time": 1_700_000_000_000} | fields
        return dict(self.post("runs/create", **body)["run"]["info"])

    def finish(self, run_id: str) -> None:
        """End a run."""
        self.post("runs/update", run_id=run_id, status="FINISHED", end_time=1_700_000_060_000)
