"""Where rows come from and predictions go: files, standard input and output. A file is written whole or not at all."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tracker.errors import InvalidValue


@contextmanager
def source(file: Path | None) -> Iterator[Path]:
    """The file itself; what comes from standard input is put into one, since it may be read twice."""
    if file is not None:
        yield file
        return
    with tempfile.NamedTemporaryFile(prefix="tracker-rows-") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield Path(copy.name)


@contextmanager
def target(file: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or what becomes the file in the end, if nothing went wrong.

    Errors: InvalidValue for a place where no file can be.
    """
    if file is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if file.is_dir() or not os.access(file.parent, os.W_OK):
        raise InvalidValue(f"{file} can't be written: name a file in a folder that is there and may be written to.")
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with beside.open("wb") as content:
            yield content
        os.replace(beside, file)
    finally:
        beside.unlink(missing_ok=True)
