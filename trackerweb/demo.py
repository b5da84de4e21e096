"""A real sweep for newcomers: small networks learn handwritten digits (scikit-learn), logged as they train."""

import json
from collections.abc import Iterator
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


def run_sweep(url: str, settings: list[Setting], steps: int = STEPS) -> Iterator[Setting]:
    """Train and log each setting, yielding it when its run has ended.

    Errors: Unreachable when no server answers at `url`.
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    import tracker

    name_primary_metric(url)
    tracker.set_tracking_uri(url)
    images, labels = load_digits(return_X_y=True)
    data = train_test_split(images / 16.0, labels, test_size=0.3, random_state=0, stratify=labels)
    for setting in settings:
        with tracker.start_run(experiment=EXPERIMENT, run_name=setting.name, params=setting.params) as run:
            _train(run, setting, data, steps)
        yield setting
    tracker.flush()


def _train(run: "Run", setting: Setting, data: list[Any], steps: int) -> None:
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
