"""Writers take turns: threads and processes, and a busy one does not shut the others out."""

import os
import statistics
import subprocess
import sys
import threading
from contextlib import suppress

import pytest
from django.db import OperationalError

from tests.server import ROOT
from trackerweb.turns import Turns

#: Takes turns as fast as it can, saying when it has the first, until it is killed.
_GREEDY = """
import sys, time
from pathlib import Path
from trackerweb.turns import Turns
turns = Turns(Path(sys.argv[1]))
while True:
    with turns.turn(20):
        print("mine", flush=True)
        time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def other_process(tmp_path):
    """Starts a process that takes turns of so many seconds, and waits for its first one."""
    started = []

    def start(seconds):
        command = [sys.executable, "-c", _GREEDY, str(tmp_path / "db"), str(seconds)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout.readline() == b"mine\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def turns_since(process, *, wait=False):
    """How many turns it has said that it had since this was asked before; waits for one when there was none."""
    said = process.stdout.fileno()
    os.set_blocking(said, wait)
    with suppress(BlockingIOError):
        return os.read(said, 65536).count(b"mine")
    return 0


def test_one_thread_at_a_time(tmp_path):
    turns, inside, most = Turns(tmp_path / "db"), [], []

    def work():
        for _ in range(50):
            with turns.turn(20):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(most), max(most)) == (400, 1)


def test_a_turn_within_a_turn_is_the_same(tmp_path):
    turns = Turns(tmp_path / "db")
    with turns.turn(1), turns.turn(1):
        pass
    with Turns(tmp_path / "db").turn(0):
        pass


def test_another_process_has_to_wait(tmp_path, other_process):
    other_process(seconds=60)
    with pytest.raises(OperationalError, match="locked"), Turns(tmp_path / "db").turn(0.1):
        pass


def test_a_busy_process_does_not_shut_others_out(tmp_path, other_process):
    """Who only tried again and again would hardly ever come when the lock is free: hundreds of turns pass."""
    other, turns, passed = other_process(seconds=0.01), Turns(tmp_path / "db"), []
    for _ in range(5):
        turns_since(other)
        turns_since(other, wait=True)
        with turns.turn(60):
            passed.append(turns_since(other))
    # The machine may keep us from asking for a while, but not most of the times.
    assert statistics.median(passed) <= 5


def test_a_process_that_died_leaves_no_lock(tmp_path, other_process):
    other_process(seconds=60).kill()
    with Turns(tmp_path / "db").turn(5):
        pass


def test_a_database_in_memory_has_turns_of_threads_alone():
    with Turns(None).turn(1):
        pass


def test_a_forked_process_waits_for_its_parent(tmp_path):
    turns = Turns(tmp_path / "db")
    with turns.turn(1):
        pass
    turned, told = os.pipe()
    with turns.turn(1):
        child = os.fork()
        if not child:
            # Its threads' lock is free: the parent's turn is another process's by now.
            turns._threads, turns._depth = threading.RLock(), 0
            try:
                with turns.turn(0.2):
                    os.write(told, b"had a turn")
            except OperationalError:
                os.write(told, b"waited")
            os._exit(0)
        os.waitpid(child, 0)
    assert os.read(turned, 100) == b"waited"
