"""Transformers: pipelines, with the weights as safetensors. Nothing is fetched from a hub."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tracker.errors import InvalidModel, InvalidValue
from tracker.models import flavors, loading, logged, saving
from tracker.models.flavors import Flavor, Scorer, Written
from tracker.models.logged import ModelInfo
from tracker.models.saved import SavedModel

_MODEL, _COMPONENTS = "model", "components"
#: The parts of a pipeline beside its model, with the class that reads each.
_READERS = {
    "tokenizer": "AutoTokenizer",
    "feature_extractor": "AutoFeatureExtractor",
    "image_processor": "AutoImageProcessor",
}


def save_model(transformers_model: Any, path: str | os.PathLike[str], **options: Any) -> None:
    """Save a pipeline to a folder; see tracker.models.save_model."""
    saving.save_model(transformers_model, path, flavor="transformers", **options)


def log_model(transformers_model: Any, name: str, **options: Any) -> ModelInfo:
    """Log a pipeline; see tracker.models.log_model."""
    return logged.log_model(transformers_model, name, flavor="transformers", **options)


def load_model(uri: str | os.PathLike[str], *, allow_pickle: bool = False) -> Any:
    """The pipeline as Transformers has it."""
    return loading.load_native(uri, "transformers", allow_pickle=allow_pickle)


def _write(model: Any, folder: Path) -> Written:
    library = flavors.library("transformers")
    if not isinstance(model, library.Pipeline):
        raise InvalidValue(f"{type(model).__name__} is no pipeline. Wrap it: transformers.pipeline(task, model=…).")
    components = [name for name in _READERS if getattr(model, name, None) is not None]
    model.model.save_pretrained(folder / _MODEL)
    for name in components:
        getattr(model, name).save_pretrained(folder / _COMPONENTS / name)
    entry = {
        "task": model.task,
        "instance_type": type(model).__name__,
        "pipeline_model_type": type(model.model).__name__,
        "source_model_name": model.model.name_or_path,
        "model_binary": _MODEL,
        "torch_dtype": str(model.model.dtype),
        "components": components,
    }
    entry |= {f"{name}_type": type(getattr(model, name)).__name__ for name in components}
    packages = ["transformers", "torch", "safetensors", "tokenizers", "numpy", "pandas"]
    return Written(entry, {"task": model.task}, packages, lambda data, params: _predict(model, data, params))


def _read(saved: SavedModel) -> Any:
    library = flavors.library("transformers")
    entry = saved.entry("transformers")
    saved.add_code(entry)
    if not entry.get("model_binary"):
        raise InvalidModel(f"The model in {saved.folder} has no weights of its own: it names a hub's.")
    folder = saved.path(entry["model_binary"])
    if not any(folder.glob("*.safetensors")):
        saved.require_trust("The weights of the model are a pickle")
    parts = {
        name: getattr(library, _READERS[name]).from_pretrained(saved.path(f"{_COMPONENTS}/{name}"), **_here(saved))
        for name in entry.get("components") or ()
        if name in _READERS
    }
    model = _class_of(library, saved, str(entry.get("pipeline_model_type"))).from_pretrained(folder, **_here(saved))
    return library.pipeline(entry["task"], model=model, **parts)


def _here(saved: SavedModel) -> dict[str, bool]:
    """Files that are here alone, and code that came with them only where its maker is trusted."""
    return {"local_files_only": True, "trust_remote_code": saved.allow_pickle}


def _class_of(library: Any, saved: SavedModel, name: str) -> Any:
    found = getattr(library, name, None)
    if not isinstance(found, type) or not hasattr(found, "from_pretrained"):
        raise InvalidModel(f"pipeline_model_type: {name!r} of the model in {saved.folder} is no model of Transformers.")
    return found


def _scorer(model: Any, saved: SavedModel) -> Scorer:
    return lambda data, params: _predict(model, data, params)


def _predict(model: Any, data: Any, params: dict[str, Any] | None) -> Any:
    """What the pipeline says of each text or record: a data frame of labels and scores, or texts."""
    import pandas as pd

    results = model(_inputs_of(data), **(params or {}))
    results = [results] if isinstance(results, dict) else results
    firsts = [result[0] if isinstance(result, list) and len(result) == 1 else result for result in results]
    if all(isinstance(result, dict) and {"label", "score"} <= result.keys() for result in firsts):
        return pd.DataFrame(firsts)
    if all(isinstance(result, dict) and "generated_text" in result for result in firsts):
        return [result["generated_text"] for result in firsts]
    return results


def _inputs_of(data: Any) -> Any:
    if not hasattr(data, "columns"):
        return data.tolist() if hasattr(data, "tolist") else data
    return data[data.columns[0]].tolist() if len(data.columns) == 1 else data.to_dict(orient="records")


FLAVOR = Flavor("transformers", "mlflow.transformers", _write, _read, _scorer)
