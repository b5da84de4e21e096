"""The child process that parses hostile files: little memory, little time, no secrets."""

import tempfile
import threading
import time
from pathlib import Path

import pytest

from runs.artifacts.previews import child, limits
from runs.artifacts.previews.source import Mismatch


@pytest.fixture
def task(tmp_path, monkeypatch):
    """Runs a `read` of this body in the child process, limits and all."""
    real = (limits._ROOT, dict(limits._ENVIRONMENT))

    def run(body):
        code = "\n".join(f"    {line}" for line in body.splitlines())
        (tmp_path / "trap.py").write_text(f"import os, sys, time\ndef read(file, **options):\n{code}\n")
        start = (
            "import sys, json, importlib; from runs.artifacts.previews import child\n"
            "sys.path.insert(0, sys.argv.pop()); child.limit_myself(); import trap\n"
            "child.TASKS['trap'] = 'trap'\n"
            "print(json.dumps(child.answer('trap', {})))"
        )
        monkeypatch.setattr(
            limits, "_command", lambda task, options: [limits.sys.executable, "-c", start, str(tmp_path)]
        )
        with tempfile.TemporaryFile() as file:
            return limits.run_limited("trap", file)

    yield run
    assert real == (limits._ROOT, limits._ENVIRONMENT)


def test_what_it_finds_comes_back(task):
    assert task("return {'a': [1, None, 'ü']}") == {"a": [1, None, "ü"]}


def test_memory_beyond_the_limit_ends_it(task):
    with pytest.raises(Mismatch):
        task("return len(bytearray(2_000_000_000))")


@pytest.mark.slow
def test_a_loop_ends_after_its_seconds(task):
    began = time.monotonic()
    with pytest.raises(Mismatch, match="more time or memory"):
        task("while True: pass")
    assert time.monotonic() - began < 40


def test_sleeping_ends_after_its_seconds(task, monkeypatch):
    monkeypatch.setattr(limits, "WALL_SECONDS", 1)
    with pytest.raises(Mismatch, match="more time or memory"):
        task("time.sleep(60)")


def test_a_crash_is_said(task):
    with pytest.raises(Mismatch, match="more time or memory"):
        task("os.abort()")


def test_an_answer_beyond_the_limit_is_not_kept(task, monkeypatch):
    monkeypatch.setattr(limits, "MAX_ANSWER_BYTES", 1000)
    with pytest.raises(Mismatch):
        task("return 'x' * 5000")


def test_it_writes_no_files(task, tmp_path):
    place = tmp_path / "written"
    with pytest.raises(Mismatch):
        task(f"with open({str(place)!r}, 'w') as file:\n    file.write('x')")
    assert place.read_text() == ""


def test_it_sees_none_of_our_environment(task, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "secret")
    assert "secret" not in task("return list(os.environ.values())")


def test_it_imports_no_django_settings():
    assert not {"DJANGO_SETTINGS_MODULE", "TRACKER_HOME"} & set(limits._ENVIRONMENT)
    assert set(child.TASKS) == {
        "arrays", "effective", "highlighting", "markdown_text", "notebook", "parquet", "patches", "sources",
    }  # fmt: skip


def test_no_more_than_two_run_at_once(monkeypatch):
    running, counts = [], []
    both = threading.Barrier(2)

    def answer(*_):
        running.append(1)
        counts.append(len(running))
        # The second of two lets both go on: were there no second, the first would wait for it in vain.
        both.wait(30)
        counts.append(len(running))
        running.pop()
        return {"found": 1}

    monkeypatch.setattr(limits, "_answer", answer)
    threads = [threading.Thread(target=limits.run_limited, args=("arrays", None)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(counts), max(counts)) == (12, 2)


def test_whoever_waits_too_long_is_told(monkeypatch):
    monkeypatch.setattr(limits, "WALL_SECONDS", 0.01)
    monkeypatch.setattr(limits, "_turns", threading.BoundedSemaphore(1))
    limits._turns.acquire()
    with tempfile.TemporaryFile() as file, pytest.raises(Mismatch, match="Too many previews"):
        limits.run_limited("arrays", file)


def test_nothing_is_left_running():
    with tempfile.TemporaryFile() as file:
        file.write(b"\x93NUMPY")
        with pytest.raises(Mismatch):
            limits.run_limited("arrays", file)
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split()
    left = [Path(f"/proc/{child}/cmdline").read_bytes() for child in children]
    assert not [command for command in left if b"previews.child" in command]
