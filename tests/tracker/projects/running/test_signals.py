"""Signals that end a program, whenever they come."""

import signal
import threading
import time

from tracker.projects.signals import Done


def test_a_signal_that_does_not_interrupt_the_wait_is_handled_too():
    done = Done()
    before = signal.signal(signal.SIGUSR1, lambda *_: done.happen())
    # The system hands it to that thread, and leaves the one that waits asleep: as where it comes just before the wait.
    told = threading.Timer(0.2, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGUSR1))
    late = threading.Timer(30, done.happen)
    begun = time.monotonic()
    try:
        for timer in (told, late):
            timer.start()
        done.wait()
    finally:
        late.cancel()
        told.join()
        signal.signal(signal.SIGUSR1, before)
    assert time.monotonic() - begun < 25
