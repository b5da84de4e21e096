"""Turns what people log as files into bytes: texts, dictionaries, figures, images, tables."""

import io
import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from tracker.errors import InvalidValue


def of_dict(content: Any, path: str) -> bytes:
    """JSON, or YAML where the path ends so."""
    if PurePosixPath(path).suffix in {".yml", ".yaml"}:
        import yaml

        return str(yaml.safe_dump(content, sort_keys=False, allow_unicode=True)).encode()
    return json.dumps(content, indent=2, default=_plain).encode()


def of_figure(figure: Any, path: str, **options: Any) -> bytes:
    """A figure of matplotlib in the format that the path ends in, or one of plotly as HTML or a picture.

    Errors: InvalidValue for anything else.
    """
    suffix = PurePosixPath(path).suffix.removeprefix(".") or "png"
    if hasattr(figure, "savefig"):
        buffer = io.BytesIO()
        figure.savefig(buffer, **({"format": suffix} | options))
        return buffer.getvalue()
    if hasattr(figure, "to_html"):
        if suffix in {"html", "htm"}:
            return str(figure.to_html(**options)).encode()
        return bytes(figure.to_image(**({"format": suffix} | options)))
    raise InvalidValue(
        f"{type(figure).__name__} is no figure of matplotlib or plotly. Log a picture of it: log_image(…)."
    )


def of_image(image: Any, path: str) -> bytes:
    """A picture of Pillow, or an array of height × width (× 1, 3 or 4 channels): bytes 0 to 255, or floats 0 to 1.

    Errors: InvalidValue for anything else.
    """
    if not hasattr(image, "save"):
        image = _picture_of(image)
    suffix = PurePosixPath(path).suffix.removeprefix(".").lower() or "png"
    buffer = io.BytesIO()
    image.save(buffer, format={"jpg": "jpeg", "tif": "tiff"}.get(suffix, suffix))
    return buffer.getvalue()


def _picture_of(array: Any) -> Any:
    import numpy as np

    values = np.asarray(array)
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[:, :, 0]
    if values.ndim not in {2, 3} or (values.ndim == 3 and values.shape[2] not in {3, 4}):
        raise InvalidValue(f"An array of shape {values.shape} is no picture: height × width (× 1, 3 or 4).")
    if values.dtype.kind == "f":
        if not np.isfinite(values).all() or values.min() < 0 or values.max() > 1:
            raise InvalidValue("A picture of floats has values from 0 to 1. Scale it, or give bytes 0 to 255.")
        values = np.rint(values * 255)
    elif values.dtype.kind == "b":
        values = values * 255
    elif values.size and (values.min() < 0 or values.max() > 255):
        raise InvalidValue("A picture of whole numbers has values from 0 to 255.")
    try:
        from PIL import Image
    except ImportError:
        raise InvalidValue("A picture of an array needs Pillow: pip install pillow.") from None
    return Image.fromarray(values.astype("uint8"))


def rows_of(table: Any) -> tuple[list[str], list[list[Any]]]:
    """The columns and rows of a data frame, or of a dictionary of columns.

    Errors: InvalidValue for anything else, or columns of several lengths.
    """
    if hasattr(table, "to_dict") and hasattr(table, "columns"):
        table = {str(column): list(table[column]) for column in table.columns}
    if not isinstance(table, Mapping):
        raise InvalidValue(f"{type(table).__name__} is no table. Give a dictionary of columns, or a data frame.")
    columns = {str(key): value if isinstance(value, (list, tuple)) else [value] for key, value in table.items()}
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise InvalidValue("The columns of the table differ in length: " + ", ".join(_lengths(columns)) + ".")
    return list(columns), [list(row) for row in zip(*columns.values(), strict=True)]


def of_table(columns: list[str], rows: list[list[Any]]) -> bytes:
    """A table as MLflow keeps it: JSON of columns and data."""
    return json.dumps({"columns": columns, "data": rows}, default=_plain).encode()


def _lengths(columns: Mapping[str, Any]) -> list[str]:
    return [f"{key} has {len(values)}" for key, values in columns.items()]


def _plain(value: Any) -> Any:
    """What JSON has no word for: numbers of numpy as numbers, all else as text."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)
