"""Fixtures of the client's tests: a journal folder of their own, and scripts as users run them."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server import ROOT, HttpClient, RealServer, free_port

SETTINGS = ["CAPTURE", "EXIT_SECONDS", "EXPERIMENT", "JOURNAL", "JOURNAL_LIMIT", "QUIET", "RANKS", "RUN_ID"]
PATIENCE_SECONDS = 120
RANKS = ("RANK", "LOCAL_RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "JSM_NAMESPACE_RANK")


class Scripts:
    """Runs Python code in a process of its own, with the client in reach and a server to log to."""

    def __init__(self, folder: Path, uri: str) -> None:
        self.folder, self.uri, self.journals = folder, uri, folder / "journals"
        self.file, self.python = folder / "train.py", sys.executable

    def environment(self, **settings: str) -> dict[str, str]:
        """What the process gets: nothing of ours but what is said."""
        ours = {f"TRACKER_{name}" for name in [*SETTINGS, "TOKEN", "URI"]} | set(RANKS)
        kept = {name: value for name, value in os.environ.items() if name not in ours}
        told = {"TRACKER_URI": self.uri, "TRACKER_JOURNAL": str(self.journals), "PYTHONPATH": str(ROOT)}
        return kept | told | {"TRACKER_CAPTURE": "none"} | settings

    def start(
        self, code: str, *arguments: str, python: str = sys.executable, **settings: str
    ) -> "subprocess.Popen[str]":
        """Start a script."""
        # Put in place whole: one that was started just now may be reading it.
        written = self.file.with_name("written.py")
        written.write_text(textwrap.dedent(code))
        written.replace(self.file)
        return subprocess.Popen(
            [python, str(self.file), *arguments], env=self.environment(**settings), cwd=self.folder, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, code: str, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        """Run a script to its end."""
        process = self.start(code, *arguments, **settings)
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def command(
        self, *words: str, patience: float = PATIENCE_SECONDS, **settings: str
    ) -> "subprocess.CompletedProcess[str]":
        """The `tracker` command."""
        return subprocess.run(
            [sys.executable, "-m", "tracker", *words], env=self.environment(**settings), cwd=self.folder, text=True,
            capture_output=True, timeout=patience,
        )  # fmt: skip

    def left(self) -> list[Path]:
        """The journals that are not delivered."""
        return sorted(self.journals.glob("*/journal"))


class Stored:
    """What a server has."""

    def __init__(self, client: HttpClient) -> None:
        self.client = client

    def run(self, run_id: str) -> dict[str, Any]:
        """One run."""
        answer = self.client.get(f"/api/v1/runs/{run_id}/")
        assert answer.status == 200, answer
        return answer.body

    def points(self, run_id: str, key: str) -> list[tuple[int, Any]]:
        """A series as (step, value)."""
        asked = f"/api/v1/metrics/?run={run_id}&key={key}&points=50000"
        (series,) = self.client.get(asked).body["series"] or [{"steps": [], "values": []}]
        return list(zip(series["steps"], series["values"], strict=True))

    def named(self, experiment: str) -> list[dict[str, Any]]:
        """The runs of an experiment, oldest first."""
        made = self.client.put(f"/api/v1/experiments/by-name/{experiment}/").body["experiment_id"]
        return list(reversed(self.client.get(f"/api/v1/runs/?experiment={made}").body["runs"]))

    def file(self, run_id: str, path: str) -> str:
        """A file's content."""
        answer = self.client.get(f"/api/v1/runs/{run_id}/artifacts/{path}")
        assert answer.status == 200, answer
        return answer.body if isinstance(answer.body, str) else str(answer.body)


@pytest.fixture
def scripts(tmp_path: Path, shared_server: RealServer) -> Scripts:
    """Scripts that log to a running server."""
    return Scripts(tmp_path, shared_server.url)


@pytest.fixture
def offline(tmp_path: Path) -> Scripts:
    """Scripts whose server is not there."""
    return Scripts(tmp_path, f"http://127.0.0.1:{free_port()}")


@pytest.fixture
def stored(shared_server: RealServer) -> Stored:
    """What the server has."""
    return Stored(shared_server.client())


@pytest.fixture
def here(tmp_path: Path, shared_server: RealServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The client in this process, logging to the server; its journal folder."""
    import tracker

    for name in RANKS:
        monkeypatch.delenv(name, raising=False)
    told = {"URI": shared_server.url, "JOURNAL": str(tmp_path / "journals"), "CAPTURE": "none", "QUIET": "1"}
    for name, value in told.items():
        monkeypatch.setenv(f"TRACKER_{name}", value)
    yield tmp_path / "journals"
    while tracker.active_run():
        tracker.end_run()
    tracker.flush(30)
