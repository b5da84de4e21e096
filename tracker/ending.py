"""Tells how a program ended, and ends its runs so: FINISHED, FAILED with a traceback, or KILLED.

Python calls `sys.excepthook` for an exception that nobody caught, but not for SystemExit, of which a program's exit
status is made. So `sys.exit` is wrapped, and from Python 3.12 on `sys.monitoring` tells of SystemExit raised by hand.
"""

import atexit
import builtins
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from dis import opname
from functools import wraps
from types import FrameType, TracebackType
from typing import Any

MAX_FAILURE_LENGTH = 50_000
_SIGNALS = ("SIGTERM", "SIGHUP")
_MONITORING_NAME = "tracker"


@dataclass(frozen=True)
class Outcome:
    """How it went, in MLflow's words, and the traceback where it failed."""

    status: str
    failure: str = ""


FINISHED = Outcome("FINISHED")


def outcome_of(error: BaseException | None) -> Outcome:
    """What an exception that left a run's block, or the program, says of the run."""
    if error is None or isinstance(error, GeneratorExit):
        return FINISHED
    if isinstance(error, SystemExit):
        return _outcome_of_exit(error)
    return Outcome("KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED", _told(error))


def _outcome_of_exit(error: SystemExit) -> Outcome:
    code = error.code
    if code is None or code == 0:
        return FINISHED
    how = f"exit status {code}" if isinstance(code, int) else str(code)
    return Outcome("FAILED", f"{_told(error)}\n({how})"[-MAX_FAILURE_LENGTH:])


def _told(error: BaseException) -> str:
    """The traceback as Python prints it; of a very long one the end, which names the error."""
    return "".join(traceback.format_exception(error))[-MAX_FAILURE_LENGTH:].encode("utf-8", "replace").decode()


class _Child:
    """Has the end of a child of multiprocessing, which ends without `atexit`, heard of."""

    def hear(self, end_all: Callable[[], None]) -> None:
        """Call `end_all` then. What was registered before the child's own code began is forgotten: hence twice."""
        from multiprocessing import util

        util.register_after_fork(self, lambda _: util.Finalize(None, end_all, exitpriority=10))
        util.Finalize(None, end_all, exitpriority=10)


_child = _Child()


def at_end_of_child(end_all: Callable[[], None]) -> None:
    """Call `end_all` when this process ends, if it is a child of multiprocessing."""
    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None:
        _child.hear(end_all)


class Ending:
    """Calls `end_all(outcome)` when this process ends in a way that leaves time for it."""

    def __init__(self, end_all: Callable[[Outcome], None]) -> None:
        self._end_all = end_all
        self._last: BaseException | None = None
        self._hook: Callable[..., Any] | None = None
        self._first_frame: FrameType | None = None

    def watch(self) -> None:
        """From now on."""
        self._first_frame = _first_frame()
        atexit.register(self._at_exit)
        self._hook, sys.excepthook = sys.excepthook, self._at_exception
        self._wrap_exit()
        self._watch_raises()
        if threading.current_thread() is threading.main_thread():
            for name in _SIGNALS:
                self._watch_signal(name)

    def _at_exit(self) -> None:
        error = self._last
        if isinstance(error, SystemExit) and _came_to_its_end(self._first_frame):
            error = None
        self._end_all(outcome_of(error))

    def _at_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self._last = error
        if self._hook is not None:
            self._hook(kind, error, trace)

    def _wrap_exit(self) -> None:
        """Hear of `sys.exit`, and of `exit` and `quit` where there are such."""
        sys.exit = self._noting(sys.exit)
        quitter = type(getattr(builtins, "exit", None))
        if quitter.__name__ == "Quitter":
            quitter.__call__ = self._noting(quitter.__call__)  # type: ignore[method-assign]

    def _noting(self, leave: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(leave)
        def noting(*arguments: Any) -> Any:
            try:
                return leave(*arguments)
            except SystemExit as error:
                self._note(error)
                raise

        return noting

    def _watch_raises(self) -> None:
        monitoring = getattr(sys, "monitoring", None)
        if monitoring is None:
            return
        tool = next((number for number in (4, 3, 5, 2) if monitoring.get_tool(number) is None), None)
        if tool is None:
            return
        monitoring.use_tool_id(tool, _MONITORING_NAME)
        monitoring.register_callback(tool, monitoring.events.RAISE, self._at_raise)
        monitoring.set_events(tool, monitoring.events.RAISE)

    def _at_raise(self, code: Any, offset: int, error: BaseException) -> None:
        if isinstance(error, SystemExit):
            self._note(error)

    def _note(self, error: SystemExit) -> None:
        # In another thread it ends that thread alone.
        if threading.current_thread() is threading.main_thread():
            self._last = error

    def _watch_signal(self, name: str) -> None:
        number = getattr(signal, name, None)
        # A program that handles the signal itself ends as it likes.
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, self._at_signal)

    def _at_signal(self, number: int, frame: FrameType | None) -> None:
        self._end_all(Outcome("KILLED", f"ended by {signal.Signals(number).name}"))
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def _first_frame() -> FrameType | None:
    """Where the program itself runs: the outermost frame of the main thread."""
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    while frame is not None and frame.f_back is not None:
        frame = frame.f_back
    return frame


def _came_to_its_end(frame: FrameType | None) -> bool:
    """Whether a frame that ran was left by returning, rather than by an exception: a SystemExit that something caught
    on its way did not end the program."""
    return frame is not None and opname[frame.f_code.co_code[frame.f_lasti]].startswith("RETURN_")
