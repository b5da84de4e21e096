"""What a program prints, beside the terminal also in its run."""

import logging
import sys
import threading
from collections.abc import Callable
from typing import Any, TextIO

from tracker.values import sendable

MAX_CHARACTERS = 50_000_000
MAX_LINE = 8192

#: Called with the stream's name, the number of characters before, and the text.
Keep = Callable[[str, int, str], None]


class Console:
    """Listens to standard output and standard error, line by line, for as long as it is open."""

    def __init__(self, keep: Keep) -> None:
        self._streams = [_Stream(name, keep) for name in ("stdout", "stderr")]

    def open(self) -> None:
        """From now on."""
        for stream in self._streams:
            stream.open()

    def close(self) -> None:
        """Keep what was printed without a line feed, and listen no more."""
        for stream in self._streams:
            stream.close()


class Lines:
    """Output of one stream, by whole lines. What a carriage return overwrites on a terminal is overwritten here."""

    def __init__(self, name: str, keep: Keep) -> None:
        self._name, self._keep = name, keep
        self._line = ""
        self._kept = 0
        # A finaliser or a signal's handler may print while a print is on its way.
        self._lock = threading.RLock()

    def hear(self, text: str) -> None:
        """More was printed."""
        with self._lock:
            whole, feed, rest = (self._line + text).rpartition("\n")
            self._line = rest
            if feed:
                self._flush(whole + feed)
            if len(self._line) > MAX_LINE:
                self._flush(self._line)
                self._line = ""

    def close(self) -> None:
        """Keep what was printed without a line feed."""
        with self._lock:
            self._flush(self._line)
            self._line = ""

    def _flush(self, text: str) -> None:
        text = "\n".join(_visible(line) for line in text.split("\n"))
        if not text or self._kept >= MAX_CHARACTERS:
            return
        text = sendable(text)
        begun, self._kept = self._kept, self._kept + len(text)
        if self._kept >= MAX_CHARACTERS:
            text += "\n(more was printed than is kept)\n"
        self._keep(self._name, begun, text)


class _Stream:
    """One of the two of this process."""

    def __init__(self, name: str, keep: Keep) -> None:
        self._name = name
        self._lines = Lines(name, keep)
        self._tee: _Tee | None = None

    def open(self) -> None:
        under = getattr(sys, self._name)
        if under is None:
            return
        self._tee = _Tee(under, self._lines.hear)
        setattr(sys, self._name, self._tee)
        _lead_handlers(under, self._tee)

    def close(self) -> None:
        if self._tee is None:
            return
        self._tee.is_open = False
        # Others may have put theirs on top of ours; then ours stays below, and only passes on.
        if getattr(sys, self._name) is self._tee:
            setattr(sys, self._name, self._tee.under)
        _lead_handlers(self._tee, self._tee.under)
        self._lines.close()


def _lead_handlers(stream: Any, other: Any) -> None:
    """Let handlers of logging that write to one stream write to another: earlier ones hold what they began with."""
    for logger in [logging.root, *logging.root.manager.loggerDict.values()]:
        for handler in getattr(logger, "handlers", ()):
            if isinstance(handler, logging.StreamHandler) and handler.stream is stream:
                handler.setStream(other)


def _visible(line: str) -> str:
    """What is left of a line after its carriage returns."""
    return line.removesuffix("\r").rpartition("\r")[2]


class _Tee:
    """A stream that passes on what is written, and tells a listener."""

    def __init__(self, under: TextIO, hear: Callable[[str], None]) -> None:
        self.under, self._hear = under, hear
        self.is_open = True

    def write(self, text: str) -> int:
        written = self.under.write(text)
        if self.is_open:
            self._hear(text)
        return written

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __iter__(self) -> Any:
        return iter(self.under)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.under, name)
