"""Writes a model's folder: all of it, or nothing."""

from __future__ import annotations

import copy
import datetime as dt
import os
import platform
import shutil
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tracker.errors import InvalidValue
from tracker.models import environments, examples, flavors
from tracker.models.flavors import Flavor, Written
from tracker.models.mlmodel import PYTHON_FUNCTION, MLModel
from tracker.models.signature import enforcement, inference, params
from tracker.models.signature.schema import ModelSignature
from tracker.notices import warn


def save_model(
    model: Any,
    path: str | os.PathLike[str],
    *,
    flavor: str | None = None,
    signature: ModelSignature | bool | None = None,
    input_example: Any = None,
    requirements: Iterable[str] | str | os.PathLike[str] | None = None,
    code_paths: Iterable[str | os.PathLike[str]] | None = None,
    metadata: Mapping[str, Any] | None = None,
    **options: Any,
) -> None:
    """Save a model to a folder, as MLflow has them: file MLmodel, the model's files, its environment.

    `flavor` is told from the model's type when it is not said; `options` are the flavor's. The signature is inferred
    from the type hints of a model of code, or from `input_example` (data, or a pair of data and params), unless given;
    False leaves it out. `requirements` are a
    list, a file of pip, or found. `code_paths` are files and folders of code that the model imports.

    Errors: InvalidValue for a folder that holds something, and for what can't be saved; then nothing is written.
    """
    with folder_for(Path(path)) as folder:
        fields = write(
            model, folder, flavor=flavor, signature=signature, input_example=input_example, requirements=requirements,
            code_paths=code_paths, metadata=metadata, **options,
        )  # fmt: skip
        MLModel(fields).write(folder)


def write(
    model: Any,
    folder: Path,
    *,
    flavor: str | None = None,
    signature: ModelSignature | bool | None = None,
    input_example: Any = None,
    requirements: Iterable[str] | str | os.PathLike[str] | None = None,
    code_paths: Iterable[str | os.PathLike[str]] | None = None,
    metadata: Mapping[str, Any] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Write all files of a model but MLmodel, of which the fields are returned."""
    chosen = flavors.named(flavor) if flavor else flavors.of_model(model)
    # Some flavors trace a model with its example.
    traced = {"input_example": input_example} if "input_example" in (chosen.write.__kwdefaults__ or {}) else {}
    written = _written(chosen, model, folder, options | traced)
    fields: dict[str, Any] = {
        "model_uuid": uuid.uuid4().hex,
        "utc_time_created": str(dt.datetime.now(dt.timezone.utc).replace(tzinfo=None)),
    }
    if metadata is not None:
        fields["metadata"] = dict(metadata)
    if input_example is not None:
        fields["saved_input_example_info"] = examples.write(input_example, folder)
    is_hinted = signature is None and written.hinted is not None
    if signature is None:
        signature = _hinted(written.hinted, input_example) if written.hinted else _inferred(written, input_example)
    if isinstance(signature, ModelSignature):
        fields |= {"signature": signature.to_dict(), "is_signature_from_type_hint": is_hinted}
    fields["flavors"] = _flavors(chosen, written, _copy_code(code_paths, folder))
    found = environments.pinned(written.packages) if requirements is None else environments.lines_of(requirements)
    environments.write(folder, found)
    fields["model_size_bytes"] = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return fields


@contextmanager
def folder_for(path: Path) -> Iterator[Path]:
    """A folder to write to that becomes `path` in the end, if nothing went wrong.

    Errors: InvalidValue for one that holds something.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InvalidValue(f"{path} is there already. Save to a new folder, or remove that one first.")
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield beside
        os.chmod(beside, 0o755 & ~_umask())
        if path.exists():
            path.rmdir()
        os.replace(beside, path)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _written(flavor: Flavor, model: Any, folder: Path, options: Mapping[str, Any]) -> Written:
    known = flavor.write.__kwdefaults__ or {}
    if unknown := sorted(options.keys() - known.keys()):
        has = ", ".join(known.keys() - {"input_example"}) or "none"
        raise InvalidValue(f"The flavor {flavor.name} has no options {', '.join(unknown)}. It has {has}.")
    return flavor.write(model, folder, **options)


def _inferred(written: Written, input_example: Any) -> ModelSignature | None:
    """The signature from what the model gives for its example; None, and a warning, where it gives nothing."""
    if written.scorer is None or input_example is None:
        return None
    import numpy as np
    import pandas as pd

    data, given = examples.split(copy.deepcopy(input_example))
    try:
        inputs = inference.infer_schema(data)
        schema = inference.infer_params(given) if given else None
        outputs = written.scorer(enforcement.enforced(data, inputs), params.enforced(given, schema))
    except Exception as error:
        warn(f"no signature could be inferred, as the model can't predict its example: {error!r}")
        return None
    if isinstance(outputs, np.ndarray) and outputs.ndim == 1 and not inputs.is_tensors:
        # One value to each row of a data frame.
        outputs = pd.Series(outputs)
    told = inference.infer_signature(outputs=outputs)
    return ModelSignature(inputs, told.outputs, schema)


def _hinted(told: ModelSignature, input_example: Any) -> ModelSignature:
    """What type hints say, with the params of the example."""
    given = None if input_example is None else examples.split(input_example)[1]
    return ModelSignature(told.inputs, told.outputs, inference.infer_params(given) if given else None)


def _flavors(flavor: Flavor, written: Written, code: str | None) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    if written.pyfunc is not None:
        environment = {"conda": environments.CONDA, "virtualenv": environments.PYTHON}
        common = {
            "loader_module": flavor.loader_module,
            "python_version": platform.python_version(),
            "env": environment,
            "code": code,
        }
        entries[PYTHON_FUNCTION] = common | written.pyfunc
    if written.entry is not None:
        entries[flavor.name] = written.entry | {"code": code}
    return entries


def _copy_code(code_paths: Iterable[str | os.PathLike[str]] | None, folder: Path) -> str | None:
    """Copy code that the model imports, and say below which folder it is."""
    sources = [Path(path) for path in code_paths or ()]
    for source in sources:
        if not source.exists():
            raise InvalidValue(f"code_paths: {source} is not there.")
        place = folder / "code" / source.resolve().name
        place.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            shutil.copyfile(source, place)
    return "code" if sources else None
