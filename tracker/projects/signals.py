"""Signals that end a program, as exceptions: what it started can be ended with it, in order."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_NAMES = ("SIGTERM", "SIGHUP")
#: How long a signal may stay unheard that comes at an odd moment.
LOOK_SECONDS = 0.2


class Done:
    """Something that happens once. It may be waited for by a signal's handler too, while the thread that the handler
    interrupted waits for it; and a wait that Ctrl-C interrupts harms no other one, as that of Thread.join does.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition(threading.RLock())
        self.has_happened = False

    def happen(self) -> None:
        """Now."""
        with self._condition:
            self.has_happened = True
            self._condition.notify_all()

    def wait(self) -> None:
        """Until it has happened."""
        with self._condition:
            while not self.has_happened:
                # One that comes just before this wakes nobody: its handler runs when the wait is over.
                self._condition.wait(LOOK_SECONDS)


class Terminated(KeyboardInterrupt):
    """Somebody asked this process to end. `number` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(f"ended by {name_of(number)}")
        self.number = number


def name_of(number: int) -> str:
    """A signal's name, or its number where it has none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


@contextmanager
def raised() -> Iterator[None]:
    """While inside, SIGTERM and SIGHUP are raised as Terminated, as Ctrl-C is as KeyboardInterrupt.

    Signals that the program handles itself, or that it was told to ignore (by nohup, say), stay as they are.
    """
    is_main = threading.current_thread() is threading.main_thread()
    ours = [number for number in _numbers() if is_main and signal.getsignal(number) == signal.SIG_DFL]
    for number in ours:
        signal.signal(number, _raise)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


class _Hold:
    """Notes signals in place of the program's handlers. A second one does not wait."""

    def __init__(self) -> None:
        self._handlers: dict[int, Callable[..., object]] = {}
        self._came: list[int] = []

    def take(self) -> None:
        """From now on they wait."""
        for number in [signal.SIGINT, *_numbers()]:
            handler = signal.getsignal(number)
            if callable(handler):
                self._handlers[number] = handler
                signal.signal(number, self._note)

    def give_back(self) -> None:
        """The program handles them again, and the one that came meanwhile."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        if self._came:
            signal.raise_signal(self._came.pop(0))

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._came.append(number)
        if len(self._came) > 1:
            self._came.clear()
            self._handlers[number](number, frame)


#: That of the main thread, in which Python runs handlers.
_holding: list[_Hold] = []


@contextmanager
def held() -> Iterator[None]:
    """While inside, signals that the program handles wait, so that what is begun gets to where it can be ended."""
    if _holding or threading.current_thread() is not threading.main_thread():
        yield
        return
    hold = _Hold()
    _holding.append(hold)
    hold.take()
    try:
        yield
    finally:
        _holding.clear()
        hold.give_back()


@contextmanager
def let_through() -> Iterator[None]:
    """While inside, signals do not wait, though what called this holds them: for what takes long."""
    if not _holding or threading.current_thread() is not threading.main_thread():
        yield
        return
    hold = _holding[0]
    hold.give_back()
    try:
        yield
    finally:
        hold.take()


def _numbers() -> list[int]:
    return [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]


def _raise(number: int, frame: FrameType | None) -> None:
    raise Terminated(number)
