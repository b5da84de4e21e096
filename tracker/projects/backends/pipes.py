"""Reads what a process prints, as it comes."""

import os
import selectors
import threading
import time
from collections.abc import Mapping
from typing import IO

from tracker.projects.backends import Output

PIECE_BYTES = 65_536
#: What was left running in the background may hold the pipes open: how long they are listened to after the end,
#: while nothing comes and in all.
SILENCE_SECONDS, MOST_SECONDS = 0.5, 5.0


class Reader:
    """A thread that hands on what comes through pipes, both in the order in which it came."""

    def __init__(self, pipes: Mapping[str, IO[bytes]], output: Output) -> None:
        self._pipes, self._output = pipes, output
        self._ended_at: float | None = None
        self._heard, self._said = os.pipe()
        self._thread = threading.Thread(target=self._run, name="tracker-output", daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """The process has ended: hand on what is left, and return."""
        self._ended_at = time.monotonic()
        os.write(self._said, b".")
        self._thread.join()
        for end in (self._heard, self._said):
            os.close(end)

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._heard, selectors.EVENT_READ)
            for name, pipe in self._pipes.items():
                selector.register(pipe, selectors.EVENT_READ, name)
            # One of those registered is what `finish` writes to.
            while len(selector.get_map()) > 1 and self._goes_on():
                ready = selector.select(None if self._ended_at is None else SILENCE_SECONDS)
                if not ready and self._ended_at is not None:
                    break
                for key, _ in ready:
                    self._take(selector, key)
        for pipe in self._pipes.values():
            pipe.close()

    def _goes_on(self) -> bool:
        return self._ended_at is None or time.monotonic() < self._ended_at + MOST_SECONDS

    def _take(self, selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        if key.data is None:
            os.read(self._heard, 1)
            return
        piece = os.read(key.fd, PIECE_BYTES)
        if piece:
            self._output(key.data, piece)
        else:
            selector.unregister(key.fileobj)
