"""docs/models.md, "From training to an answer": its lines are run as they stand there."""

import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.server import ROOT, RealServer, free_port

PATIENCE_SECONDS = 120


def until_it_answers(address: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            urllib.request.urlopen(address).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return


@pytest.mark.slow
def test_from_training_to_an_answer(server: RealServer, tmp_path):
    told = (ROOT / "docs" / "models.md").read_text()
    section = told.partition("## From training to an answer")[2].partition("\n## ")[0]
    script, commands, ask, answer = re.findall(r"```\w+\n(.*?)```", section, re.DOTALL)
    (tmp_path / "train.py").write_text(script)
    port = str(free_port())
    environment = os.environ | {
        "TRACKER_URI": server.url, "TRACKER_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT),
        "TRACKER_JOURNAL": str(tmp_path / "journal"), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }  # fmt: skip
    train, serve = commands.strip().splitlines()
    subprocess.run(["sh", "-c", train], cwd=tmp_path, env=environment, check=True)
    serve = serve.replace("tracker", "exec python -m tracker", 1).replace("5001", port)
    with subprocess.Popen(["sh", "-c", serve], cwd=tmp_path, env=environment) as served:
        try:
            until_it_answers(f"http://127.0.0.1:{port}/ping")
            asked = ["sh", "-c", ask.replace("5001", port)]
            assert subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip() == answer.strip()
        finally:
            served.terminate()
