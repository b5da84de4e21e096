"""Processes that are known again after a restart of the server."""

import os
import subprocess
import sys

import pytest

from projects import processes
from projects.processes import Known, begin, start_of
from tests.patience import until

WAIT = "import time; time.sleep(300)"
SLEEPER = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', '{WAIT}']); print('up', flush=True); {WAIT}"


@pytest.fixture
def sleeper(tmp_path):
    log = tmp_path / "new" / "log"
    process = begin([sys.executable, "-c", SLEEPER], tmp_path, os.environ, log)
    until(lambda: "up" in log.read_text())
    yield process
    Known(process.pid, start_of(process.pid)).kill()
    process.wait()


def test_a_process_is_known_by_number_and_beginning(sleeper):
    known = Known(sleeper.pid, start_of(sleeper.pid))
    assert known.is_alive
    assert not Known(sleeper.pid, "another beginning").is_alive
    assert not Known(sleeper.pid, "").is_alive


def test_another_process_with_its_number_is_left_alone(sleeper):
    assert not Known(sleeper.pid, "another beginning").kill()
    assert sleeper.poll() is None


def test_stop_ends_the_whole_group(sleeper):
    told = subprocess.run(["ps", "-o", "pid=", "--ppid", str(sleeper.pid)], capture_output=True, text=True).stdout
    (child,) = map(int, told.split())
    assert Known(sleeper.pid, start_of(sleeper.pid)).stop()
    assert sleeper.wait(30) == -15
    until(lambda: start_of(child) == "")


def test_a_process_that_ended_and_was_not_waited_for_is_not_alive(tmp_path):
    process = begin([sys.executable, "-c", ""], tmp_path, os.environ, tmp_path / "log")
    until(lambda: start_of(process.pid) == "")
    process.wait()


def test_another_system_tells_of_processes_too():
    told = processes._start_elsewhere(os.getpid())
    assert told
    assert told == processes._start_elsewhere(os.getpid())
    assert processes._start_elsewhere(2**22 + 1) == ""
