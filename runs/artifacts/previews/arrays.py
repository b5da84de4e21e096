"""NumPy's files: shape, type, and a summary of the values, never unpickled. Read by numpy in the child process."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from runs.artifacts.previews.limits import run_limited
from runs.artifacts.previews.source import Mismatch, Preview, Source

#: Values that are read for the summary: of a larger array, the first.
SUMMARY_VALUES = 1_000_000
FIRST_VALUES = 24
MAX_ARRAYS = 100


@dataclass(frozen=True)
class ArraySummary:
    """An array. min, max and mean are texts, "" where its type has none; `is_whole` tells whether they cover all."""

    name: str
    shape: str
    type: str
    count: int
    min: str = ""
    max: str = ""
    mean: str = ""
    first: Sequence[str] = ()
    is_whole: bool = True
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ArraysPreview(Preview):
    """The arrays of an .npz, or the one of an .npy."""

    kind = "arrays"

    arrays: Sequence[ArraySummary]


def preview(source: Source) -> Preview:
    """Summaries."""
    if not source.head.startswith((b"\x93NUMPY", b"PK")):
        raise Mismatch("Its content is no NumPy array, or broke off.")
    found = run_limited("arrays", source.file)
    return ArraysPreview(
        arrays=[ArraySummary(**summary) for summary in found],
        note=f"Shown: the first {MAX_ARRAYS} arrays." if len(found) == MAX_ARRAYS else "",
    )


def read(file: IO[bytes]) -> list[dict[str, Any]]:
    """A summary of each array."""
    file.seek(0)
    is_archive = file.read(2) == b"PK"
    file.seek(0)
    if not is_archive:
        return [_summary("", file)]
    with zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if name.endswith(".npy")][:MAX_ARRAYS]
        return [_member(archive, name) for name in names]


def _member(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    with archive.open(name) as file:
        return _summary(name.removesuffix(".npy")[:200], file)


def _summary(name: str, file: IO[bytes]) -> dict[str, Any]:
    from numpy.lib import format as npy

    version = npy.read_magic(file)
    header = npy.read_array_header_1_0(file) if version == (1, 0) else npy.read_array_header_2_0(file)
    shape, _, dtype = header
    about: dict[str, Any] = {
        "name": name,
        "shape": " × ".join(map(str, shape)) or "one value",
        "type": str(dtype)[:200],
    }
    count = 1
    for length in shape:
        count *= length
    about["count"] = count
    if dtype.hasobject:
        return about | {"note": "It holds pickled objects. Reading them could run code, so nobody does."}
    return about | _values(file, dtype, count)


def _values(file: IO[bytes], dtype: Any, count: int) -> dict[str, Any]:
    import numpy

    wanted = min(count, SUMMARY_VALUES, max(1, 8 * SUMMARY_VALUES // max(1, dtype.itemsize)))
    content = file.read(wanted * dtype.itemsize)
    if len(content) < wanted * dtype.itemsize:
        raise Mismatch("This array broke off.")
    values = numpy.frombuffer(content, dtype) if dtype.itemsize else numpy.empty(0)
    found: dict[str, Any] = {"first": [str(value)[:80] for value in values[:FIRST_VALUES]], "is_whole": wanted == count}
    if dtype.kind in "iufb" and len(values):
        low, high, mean = values.min(), values.max(), values.mean(dtype="float64")
        found |= {"min": str(low), "max": str(high), "mean": f"{mean:.6g}"}
    return found
