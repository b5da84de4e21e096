"""The snippets of the connect page do what they say, on a real server."""

import os
import re
import shutil
import subprocess
import sys
import urllib.request
from html import unescape

import pytest

from tests.server import ROOT

pytestmark = pytest.mark.slow


def snippet(url, page, label):
    """The text that the copy button of a snippet copies."""
    html = urllib.request.urlopen(url + page).read().decode()
    found = re.search(rf'<pre[^>]*aria-label="{label}"[^>]*><code>(.*?)</code>', html, re.DOTALL)
    assert found, label
    return unescape(found[1])


def run_python(text, folder):
    told = {"PYTHONPATH": str(ROOT), "TRACKER_JOURNAL": str(folder), "TRACKER_CAPTURE": "none"}
    subprocess.run([sys.executable, "-c", text], env=os.environ | told, check=True, capture_output=True, timeout=300)


def run_shell(text):
    subprocess.run(["sh", "-e", "-c", text.replace("curl", "curl --fail -sS")], check=True, timeout=300)


def only_run(server, experiment="first steps"):
    listed = server.client().get("/api/v1/experiments/").body["experiments"]
    number = next(item["experiment_id"] for item in listed if item["name"] == experiment)
    (run,) = server.client().get(f"/api/v1/runs/?experiment={number}").body["runs"]
    return run


def test_the_script_logs_a_run(server, tmp_path):
    run_python(snippet(server.url, "/connect/", "Python script"), tmp_path / "journals")
    run = only_run(server)
    assert (run["status"], run["params"]) == ("FINISHED", {"lr": "0.1"})
    assert run["metrics"]["loss"]["count"] == 100


def test_the_cells_of_a_notebook_log_a_run(server, tmp_path):
    run_python(snippet(server.url, "/connect/", "Notebook cell"), tmp_path / "journals")
    assert only_run(server)["metrics"]["accuracy"]["last"] == 0.97


def test_the_client_is_installed_from_this_folder(server):
    assert snippet(server.url, "/connect/", "Shell line that installs the client") == f"pip install {ROOT}\n"


@pytest.mark.skipif(shutil.which("curl") is None, reason="No curl here.")
def test_the_shell_lines_log_a_run(server):
    run_shell(snippet(server.url, "/connect/", "Shell lines"))
    run = only_run(server)
    assert (run["run_id"], run["status"], run["metrics"]["loss"]["last"]) == ("from-shell", "FINISHED", 0.5)


def test_the_lines_of_an_empty_experiment_log_its_first_run(server, tmp_path):
    run_python(snippet(server.url, "/experiments/0/", "Python"), tmp_path / "journals")
    assert only_run(server, "Default")["metrics"]["loss"]["last"] == 0.5


def test_nothing_is_promised_that_is_not_there_yet(server):
    text = urllib.request.urlopen(server.url + "/connect/").read().decode().lower()
    assert "pip install tracker" not in text  # it is in no registry
