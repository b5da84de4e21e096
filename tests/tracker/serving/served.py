"""Models that are saved for the tests, and `tracker models serve` in a process of its own."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

from tests.server import ROOT, free_port

PATIENCE_SECONDS = 120
CODE = Path(__file__).with_name("patient.py")


def save_patient_model(place: Path) -> None:
    """Save the model of patient.py, with columns and params of several types, and an example."""
    import pandas as pd

    from tracker import models
    from tracker.models.signature import ColSpec, ModelSignature, ParamSchema, ParamSpec, Schema

    columns = [ColSpec("string", "name"), ColSpec("double", "size"), ColSpec("boolean", "flag", False)]
    signature = ModelSignature(
        Schema([*columns, ColSpec("datetime", "since", False)]), Schema([ColSpec("string")]),
        ParamSchema([ParamSpec("seconds", "double", 0.0), ParamSpec("marks", "string", ["x"], (-1,))]),
    )  # fmt: skip
    example = pd.DataFrame({"name": ["it's </script>"], "size": [1.5]})
    models.save_model(CODE, place, signature=signature, input_example=example, requirements=[])


class ModelServer:
    """The command, with a model's folder and options."""

    def __init__(self, model: Path, home: Path, *options: str) -> None:
        self.port, self.patience_seconds = free_port(), PATIENCE_SECONDS
        self.log = home / f"model-server-{self.port}.log"
        self.url = f"http://127.0.0.1:{self.port}"
        words = ["models", "serve", "-m", str(model), "-p", str(self.port), "--allow-pickle", *options]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tracker", *words], cwd=home, env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdout=log, stderr=log,
            )  # fmt: skip

    def ready(self) -> Self:
        """Wait until it answers."""
        deadline = time.monotonic() + self.patience_seconds
        while not self._answers():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.02)
        return self

    def _answers(self) -> bool:
        try:
            return self.ask("GET", "/ping")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str, dict[str, str]]:
        """Status, text and headers of an answer; a body that is no bytes goes as JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection.request(method, path, raw, {"Content-Type": "application/json"} | headers)
        response = connection.getresponse()
        told = response.status, response.read().decode(), {name.lower(): value for name, value in response.getheaders()}
        connection.close()
        return told

    def predict(self, once: Path | None = None) -> tuple[int, str, dict[str, str]]:
        """Ask the patient model, which answers once a file is there."""
        data = [[str(once or "a"), 1.5], ["b", 2]]
        return self.ask("POST", "/invocations", {"dataframe_split": {"columns": ["name", "size"], "data": data}})

    def stop(self) -> int:
        """End it as Ctrl-C would. Returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)
