"""What a project prints: passed on as it is, at once, and kept in its run."""

import hashlib
import json
import subprocess
import sys
import textwrap
import time

import pytest

from tests.patience import until
from tests.server import ROOT
from tests.tracker.projects.running.conftest import PATIENCE_SECONDS
from tracker.errors import MissingLibrary, TrackerError
from tracker.projects.backends.local import LocalHandle


def printed(command, folder, environment=None):
    """What a command prints, by stream, and its exit status."""
    told = {"stdout": b"", "stderr": b""}

    def take(stream, piece):
        told[stream] += piece

    handle = LocalHandle(["bash", "-c", command], folder, environment or {"PATH": "/usr/bin:/bin"}, take)
    return handle.wait(), told


def test_both_streams_arrive_whole_and_in_order(tmp_path):
    status, told = printed("for i in $(seq 300); do echo out $i; echo err $i >&2; done; exit 9", tmp_path)
    assert status == 9
    for stream, word in (("stdout", "out"), ("stderr", "err")):
        assert told[stream].decode().splitlines() == [f"{word} {number}" for number in range(1, 301)]


def test_a_piece_is_handed_on_when_it_comes(tmp_path):
    pieces = []

    def take(stream, piece):
        pieces.append(piece)
        (tmp_path / "heard").touch()

    command = "printf now; for i in $(seq 600); do sleep 0.1; [ -e heard ] && break; done; printf $i"
    LocalHandle(["bash", "-c", command], tmp_path, {"PATH": "/usr/bin:/bin"}, take).wait()
    assert pieces[0] == b"now"
    assert int(pieces[1]) < 600


def test_bytes_that_are_no_text_pass_through(tmp_path):
    _, told = printed(r"printf '\xff\x00\xe2\x82'", tmp_path)
    assert told["stdout"] == b"\xff\x00\xe2\x82"


def test_a_signal_is_a_negative_status(tmp_path):
    assert printed("kill -TERM $$", tmp_path)[0] == -15


def test_what_can_not_be_started_is_said(tmp_path):
    with pytest.raises(TrackerError, match="gone is gone, in which"):
        printed("true", tmp_path / "gone")
    with pytest.raises(MissingLibrary, match="no-such-program is not here"):
        LocalHandle(["no-such-program"], tmp_path, {}, print)
    with pytest.raises(TrackerError, match="can't be started: Argument list too long"):
        printed("true", tmp_path, {"PATH": "/usr/bin:/bin", "LONG": "x" * 200_000})


def test_a_pipe_that_a_daemon_holds_is_not_waited_for(tmp_path):
    begun = time.monotonic()
    status, told = printed("(setsid sleep 100 & echo $! > pid); echo done", tmp_path)
    assert time.monotonic() - begun < 90
    assert (status, told["stdout"]) == (0, b"done\n")
    subprocess.run(["kill", (tmp_path / "pid").read_text().strip()], check=True)


@pytest.mark.slow
def test_what_runs_in_a_container_ends_though_its_starter_is_killed(tmp_path):
    code = """
    import os, pathlib, signal, sys
    from tracker.projects.backends.local import LocalHandle
    end = ("touch", sys.argv[1])
    LocalHandle(["sleep", "100"], pathlib.Path(), dict(os.environ), print, end)
    os.kill(os.getpid(), signal.SIGKILL)
    """
    ended = tmp_path / "ended"
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code), ended], cwd=ROOT)
    assert done.returncode == -9
    until(ended.exists, "the container is not ended")


def test_what_is_printed_is_in_the_run(projects_offline):
    code = "import sys\nprint('héllo')\nprint('50%\\r100%')\nprint('oh', file=sys.stderr)\nprint('end', end='')"
    projects_offline.make(main="python talk.py", files={"talk.py": code})
    done = projects_offline.run("project", TRACKER_CAPTURE="console", TRACKER_EXIT_SECONDS="0")
    assert done.stdout == "héllo\n50%\n100%\nend"
    (journal,) = projects_offline.scripts.left()
    entries = [json.loads(line.partition(" ")[2]) for line in journal.read_text().splitlines()]
    pieces = [piece for entry in entries for piece in entry.get("console", [])]
    assert "".join(piece["text"] for piece in pieces if piece["stream"] == "stdout") == "héllo\n100%\nend"
    assert [piece["text"] for piece in pieces if piece["stream"] == "stderr"] == ["oh\n"]


@pytest.mark.long
def test_100_megabytes_arrive_whole(projects):
    code = "import sys\nline = b'x' * 99 + b'\\n'\nfor _ in range(1_000_000): sys.stdout.buffer.write(line)"
    projects.make(main="python talk.py", files={"talk.py": code})
    process = subprocess.run(
        [sys.executable, "-m", "tracker", "run", "project"], env=projects.environment(TRACKER_CAPTURE="console"),
        cwd=projects.scripts.folder, capture_output=True, timeout=100,
    )  # fmt: skip
    assert process.returncode == 0
    assert hashlib.sha256(process.stdout).digest() == hashlib.sha256((b"x" * 99 + b"\n") * 1_000_000).digest()


@pytest.mark.slow
def test_a_terminal_that_is_gone_does_not_end_it(projects, stored):
    projects.make(main="for i in $(seq 20); do echo line $i; sleep 0.05; done; touch finished")
    process = projects.start("project")
    process.stdout.close()
    assert process.wait(timeout=PATIENCE_SECONDS) == 0
    assert (projects.folder / "finished").exists()
