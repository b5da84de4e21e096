"""What event files hold, as TensorBoard's own package reads them: older summaries come in the form of newer ones."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from importing.found import Unreadable

SCALARS, IMAGES, TEXT, HPARAMS = "scalars", "images", "text", "hparams"
_HPARAMS_HEAD = "_hparams_/session_start_info"


@dataclass(frozen=True)
class Value:
    """One value of an event; `kind` is the plugin that shows it. Time in milliseconds since 1970."""

    kind: str
    tag: str
    step: int
    time: int
    tensor: Any = field(repr=False)
    content: bytes = field(default=b"", repr=False)

    @property
    def number(self) -> float:
        """A scalar's value.

        Errors: ValueError for what is no single number.
        """
        from tensorboard.util import tensor_util

        return float(tensor_util.make_ndarray(self.tensor).item())

    @property
    def pieces(self) -> list[bytes]:
        """What a tensor of strings holds."""
        return list(self.tensor.string_val)


def require_package() -> None:
    """Refuse to go on without the package.

    Errors: Unreadable says how to get it.
    """
    if find_spec("tensorboard") is None:
        raise Unreadable(
            "Event files are read with the tensorboard package: pip install -r requirements-tensorboard.txt"
        )
    logging.getLogger("tensorboard").setLevel(logging.ERROR)


def values(file: Path) -> Iterator[Value]:
    """All values of an event file, in the order of writing; a last one that is half written is left out.

    Errors: Unreadable for what is no event file.
    """
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    try:
        for event in EventFileLoader(str(file)).Load():
            time = int(event.wall_time * 1000)
            for value in event.summary.value:
                data = value.metadata.plugin_data
                yield Value(data.plugin_name, value.tag, event.step, time, value.tensor, data.content)
    except Exception as error:
        # Its errors are those of TensorFlow or of a stand-in for it, by what is installed.
        raise Unreadable(f"It is no event file that can be read: {error}"[:300]) from None


def hparams_of(value: Value) -> dict[str, str]:
    """The hyperparameters that a value tells; none when it tells of something else."""
    if value.kind != HPARAMS or value.tag != _HPARAMS_HEAD:
        return {}
    from tensorboard.plugins.hparams import metadata

    told = metadata.parse_session_start_info_plugin_data(value.content).hparams
    return {key: _text(item) for key, item in told.items()}


def _text(item: Any) -> str:
    kind = item.WhichOneof("kind")
    if kind == "bool_value":
        return "True" if item.bool_value else "False"
    return f"{item.number_value:g}" if kind == "number_value" else str(item.string_value)
