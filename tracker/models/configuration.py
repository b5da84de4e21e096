"""What a file of code is told by whoever saves it as a model: `ModelConfig`, as MLflow has it."""

from __future__ import annotations

import contextlib
import importlib
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tracker import yaml_files
from tracker.errors import InvalidModel, InvalidValue

_saved = threading.local()


class ModelConfig:
    """The `model_config` that a model was saved with; `development_config`, a dictionary or a file of YAML, while its
    code is run by itself.

    Errors: InvalidModel for code of a model that was saved without; InvalidValue for nothing at all.
    """

    def __init__(self, *, development_config: str | Mapping[str, Any] | None = None) -> None:
        is_model, told = getattr(_saved, "told", (False, None))
        if is_model and not told:
            raise InvalidModel("The model's code asks for its ModelConfig. Save it with model_config={…}.")
        config = told or development_config
        if not config:
            raise InvalidValue("ModelConfig: give it a development_config.")
        self._values = dict(_of_file(config) if isinstance(config, str) else config)

    def to_dict(self) -> dict[str, Any]:
        """All of it."""
        return dict(self._values)

    def get(self, key: str) -> Any:
        """What a key says.

        Errors: KeyError.
        """
        return self._values[key]


@contextlib.contextmanager
def saved_with(config: Mapping[str, Any] | None) -> Iterator[None]:
    """Have `ModelConfig`, MLflow's own too, give this to the code of a model."""
    before = getattr(_saved, "told", (False, None))
    _saved.told = True, config
    tell_mlflow = _tell_mlflow()
    tell_mlflow(dict(config) if config else "")
    try:
        yield
    finally:
        _saved.told = before
        tell_mlflow(None)


def _tell_mlflow() -> Callable[[Any], object]:
    """What MLflow's ModelConfig is told by; nothing where it is not here, or stands for ours."""
    try:
        module = importlib.import_module("mlflow.models.model_config")
    except ImportError:
        return lambda _: None
    return vars(module).get("_set_model_config", lambda _: None)


def _of_file(path: str) -> Mapping[str, Any]:
    try:
        found = yaml_files.loaded(Path(path).read_bytes(), path)
    except OSError as error:
        raise InvalidValue(f"ModelConfig: {path} can't be read: {error.strerror}.") from error
    if not isinstance(found, dict):
        raise InvalidValue(f"ModelConfig: {path} holds no keys and values.")
    return found
