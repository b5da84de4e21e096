"""A real sweep for newcomers: small networks learn handwritten digits (scikit-learn), logged as they train. The best
one is registered, served and asked.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from tracker import Run

EXPERIMENT = "digits"
LEARNING_RATES = (0.001, 0.01)
HIDDEN_UNITS = (16, 64)
ALPHAS = (0.0001, 0.1)
SEEDS = (1, 2, 3)
STEPS = 40
MODEL, ALIAS = "digits-classifier", "champion"
MODEL_URI = f"models:/{MODEL}@{ALIAS}"
PATIENCE_SECONDS = 60
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

    @property
    def params(self) -> dict[str, Any]:
        """What is logged of it."""
        return asdict(self) | {"batch_size": BATCH, "model": "MLPClassifier"}


def sweep() -> list[Setting]:
    """Three params, three seeds each."""
    return [Setting(*values) for values in product(LEARNING_RATES, HIDDEN_UNITS, ALPHAS, SEEDS)]


@dataclass(frozen=True)
class Trained:
    """A run of the sweep that has ended, with its model."""

    setting: Setting
    run_id: str
    model: Any
    accuracy: float


def run_sweep(url: str, settings: list[Setting], steps: int = STEPS) -> Iterator[Trained]:
    """Train and log each setting, yielding it when its run has ended.

    Errors: Unreachable when no server answers at `url`.
    """
    import tracker

    name_primary_metric(url)
    tracker.set_tracking_uri(url)
    data = digits()
    for setting in settings:
        with tracker.start_run(experiment=EXPERIMENT, run_name=setting.name, params=setting.params) as run:
            model = _train(run, setting, data, steps)
        yield Trained(setting, run.run_id, model, float(model.score(data[1], data[3])))
    tracker.flush()


def digits() -> list[Any]:
    """Images to train and to validate with, 64 numbers from 0 to 1 each; and what they show."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    images, labels = load_digits(return_X_y=True)
    return list(train_test_split(images / 16.0, labels, test_size=0.3, random_state=0, stratify=labels))


def register_best(runs: Sequence[Trained]) -> Trained:
    """Log the model of the best run, as a new version of a registered model; the alias `champion` leads to it."""
    import tracker

    best = max(runs, key=lambda trained: trained.accuracy)
    tracker.models.log_model(
        best.model,
        "classifier",
        run_id=best.run_id,
        input_example=digits()[1][:2],
        params=best.setting.params,
        registered_model_name=MODEL,
        aliases=[ALIAS],
    )
    tracker.flush()
    return best


def ask_served(url: str) -> list[int]:
    """Serve the registered model in a process of its own, ask it what three images show, and stop it.

    Errors: Unreachable when it does not come up.
    """
    port = _free_port()
    command = [sys.executable, "-m", "tracker", "models", "serve", "-m", MODEL_URI, "-p", str(port)]
    environment = os.environ | {"TRACKER_URI": url}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as server:  # noqa: S603 - our own words
        try:
            _wait_for(f"http://127.0.0.1:{port}/ping", server)
            body = {"inputs": digits()[1][:3].tolist()}
            return list(send("POST", f"http://127.0.0.1:{port}/invocations", body)["predictions"])
        finally:
            server.terminate()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urlopen(address, timeout=5).close()  # noqa: S310 - this machine's own
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise Unreachable("The model was not served: `tracker models serve` says why.")


def _train(run: "Run", setting: Setting, data: list[Any], steps: int) -> Any:
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
    for step in range(steps):
        model.partial_fit(train_x, train_y, classes=range(10))
        run.log(
            {
                "train/loss": log_loss(train_y, model.predict_proba(train_x)),
                "val/loss": log_loss(val_y, model.predict_proba(val_x)),
                "val/accuracy": model.score(val_x, val_y),
            },
            step=step,
        )
    return model


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
