"""A real sweep for newcomers: small networks learn handwritten digits (scikit-learn), logged as they train."""

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

EXPERIMENT = "digits"
LEARNING_RATES = (0.001, 0.01)
HIDDEN_UNITS = (16, 64)
ALPHAS = (0.0001, 0.1)
SEEDS = (1, 2, 3)
STEPS = 40
BATCH = 128


class Unreachable(Exception):
    """Nothing answers at the address."""


@dataclass(frozen=True)
class Setting:
    """The params of one run."""

    learning_rate: float
    hidden_units: int
    alpha: float
    seed: int

    @property
    def name(self) -> str:
        """What the run is called; seeds differ at its end."""
        return f"mlp{self.hidden_units}-lr{self.learning_rate:g}-a{self.alpha:g}-s{self.seed}"


def sweep() -> list[Setting]:
    """Three params, three seeds each."""
    return [Setting(*values) for values in product(LEARNING_RATES, HIDDEN_UNITS, ALPHAS, SEEDS)]


def run_sweep(url: str, settings: list[Setting], steps: int = STEPS) -> Iterator[Setting]:
    """Train and log each setting, yielding it when its run has ended.

    Errors: Unreachable when no server answers at `url`.
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    name_primary_metric(url)
    images, labels = load_digits(return_X_y=True)
    data = train_test_split(images / 16.0, labels, test_size=0.3, random_state=0, stratify=labels)
    for setting in settings:
        _train(Logger(url), setting, data, steps)
        yield setting


def _train(log: "Logger", setting: Setting, data: list[Any], steps: int) -> None:
    from sklearn.metrics import log_loss
    from sklearn.neural_network import MLPClassifier

    train_x, val_x, train_y, val_y = data
    model = MLPClassifier(
        hidden_layer_sizes=(setting.hidden_units,),
        learning_rate_init=setting.learning_rate,
        alpha=setting.alpha,
        batch_size=BATCH,
        random_state=setting.seed,
    )
    log.start(setting)
    for step in range(steps):
        model.partial_fit(train_x, train_y, classes=range(10))
        log.points(
            step,
            {
                "train/loss": log_loss(train_y, model.predict_proba(train_x)),
                "val/loss": log_loss(val_y, model.predict_proba(val_x)),
                "val/accuracy": float(model.score(val_x, val_y)),
            },
        )
    log.finish()


class Logger:
    """Logs one run by the native API (docs/api.md), in numbered batches."""

    def __init__(self, url: str) -> None:
        self.address = f"{url.rstrip('/')}/api/v1/runs/{uuid.uuid4().hex}/"
        self.writer, self.seq = uuid.uuid4().hex, 0

    def start(self, setting: Setting) -> None:
        """Make the run with its params."""
        params = {
            "learning_rate": f"{setting.learning_rate:g}",
            "hidden_units": str(setting.hidden_units),
            "alpha": f"{setting.alpha:g}",
            "seed": str(setting.seed),
            "batch_size": str(BATCH),
            "model": "MLPClassifier",
        }
        source = {"source_name": "trackerweb/demo.py", "source_type": "LOCAL"}
        self._send("PUT", "", {"experiment": EXPERIMENT, "name": setting.name, "params": params} | source)

    def points(self, step: int, values: dict[str, float]) -> None:
        """Log one point of each metric."""
        now = time.time_ns() // 1_000_000
        columns = {key: {"steps": [step], "timestamps": [now], "values": [value]} for key, value in values.items()}
        self._batch(metrics=columns)

    def finish(self) -> None:
        """End the run."""
        self._batch(status="FINISHED")

    def _batch(self, **content: Any) -> None:
        self.seq += 1
        self._send("POST", "log/", {"writer": self.writer, "seq": self.seq} | content)

    def _send(self, method: str, path: str, body: dict[str, Any]) -> None:
        send(method, self.address + path, body)


def name_primary_metric(url: str) -> None:
    """Say by which metric the experiment is judged, so that its best value is shown."""
    api = f"{url.rstrip('/')}/api/v1/experiments"
    made = send("PUT", f"{api}/by-name/{EXPERIMENT}/", {})
    judged_by = {"primary_metric": "val/accuracy", "primary_direction": "max"}
    send("PATCH", f"{api}/{made['experiment_id']}/", judged_by)


def send(method: str, address: str, body: dict[str, Any]) -> Any:
    """One request with a JSON body; its answer.

    Errors: Unreachable when no server answers.
    """
    headers = {"Content-Type": "application/json"}
    request = Request(address, json.dumps(body).encode(), headers, method=method)  # noqa: S310
    try:
        with urlopen(request, timeout=30) as answer:  # noqa: S310 - the address is the owner's
            return json.load(answer)
    except HTTPError:
        raise
    except URLError as error:
        raise Unreachable(f"Nothing answers at {address.partition('/api/')[0]}: {error.reason}.") from None
