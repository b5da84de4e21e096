"""Projects, sweeps and runs that are started from a page, in a real browser."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible
from tests.browser.looks import everywhere
from tests.browser.patience import until
from tests.factories import NOON
from tests.server import RealServer

GIT = "https://git.example/lab/a-project-with-a-rather-long-name.git#models/small"
TAGS = {
    "mlflow.source.type": "PROJECT",
    "mlflow.source.name": GIT,
    "mlflow.project.entryPoint": "train",
    "mlflow.project.env": "virtualenv",
    "mlflow.project.backend": "local",
}
SWEEP = {f"tracker.sweep.{name}": value for name, value in {
    "method": "tpe", "metric": "val/loss", "goal": "minimize", "total": "6",
}.items()}  # fmt: skip
#: For a process that a page starts.
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def allowing(tmp_path_factory) -> Iterator[RealServer]:
    """A server that starts runs from pages, with a sweep of four trials and a rerun."""
    server = RealServer(tmp_path_factory.mktemp("allowing"), TRACKER_ALLOW_RUNS="1").start()
    put(server, "first", tags=TAGS, params={"lr": "0.1", "api_key": "s3cret"}, status="FINISHED")
    put(server, "again", tags=TAGS | {"tracker.rerunOf": "first", "tracker.exitStatus": "0"}, status="FINISHED")
    put(server, "sweep", tags=TAGS | SWEEP)
    for number, status in enumerate(("FINISHED", "FAILED", "KILLED", "RUNNING")):
        add_trial(server, number, status)
    yield server
    server.stop()


def put(server, run_id, **fields):
    answer = server.client().put(f"/api/v1/runs/{run_id}/", {"experiment": "digits", "name": f"the-{run_id}", **fields})
    assert answer.status == 201, answer.body


def add_trial(server, number, status):
    tags = TAGS | {"mlflow.parentRunId": "sweep", "tracker.sweep.trial": str(number)}
    put(server, f"trial-{number}", tags=tags, params={"lr": str(number)}, status=status)
    series = {"steps": [0], "timestamps": [NOON], "values": [1 / (number + 1)]}
    batch = {"writer": "ab", "seq": 1, "metrics": {"val/loss": series}}
    assert server.client().post(f"/api/v1/runs/trial-{number}/log/", batch).status == 200


def fill(page, uri, **fields):
    page.get_by_label("Project: ").fill(uri)
    for label, value in fields.items():
        page.get_by_label(label, exact=True).fill(value)


@everywhere
def test_pages_are_accessible_and_fit(open_page, allowing, width, scheme):
    for path in ("/projects/", "/projects/start/?run=first", "/runs/sweep/", "/runs/again/code/"):
        page = open_page(allowing.url + path, width=width, scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(page)


@pytest.mark.slow
def test_a_sweep_goes_on_while_it_is_looked_at(open_page, allowing):
    page = open_page(f"{allowing.url}/runs/sweep/")
    expect(page.locator(".trials tbody tr")).to_have_count(4)
    add_trial(allowing, 4, "FINISHED")
    expect(page.locator(".trials tbody tr").first).to_contain_text("the-trial-4")
    expect(page.locator(".best-trial")).to_contain_text("Best so far")
    page.get_by_role("link", name="Compare trials").click()
    expect(page.get_by_role("heading", name="Parallel coordinates")).to_be_visible()


@pytest.mark.slow
def test_the_line_that_repeats_a_run_is_copied_with_one_click(open_page, allowing):
    page = open_page(f"{allowing.url}/runs/first/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("section", has=page.get_by_role("heading", name="Repeat this run")).get_by_role("button").click()
    copied = until(page, lambda: page.evaluate("navigator.clipboard.readText()"))
    line = f"tracker run '{GIT}' -e train -P api_key=\"$API_KEY\" -P lr=0.1"
    assert copied.endswith(f"{line} --env-manager virtualenv --experiment-name digits")


@pytest.mark.slow
def test_a_start_that_comes_to_nothing_is_seen(open_page, allowing):
    page = open_page(f"{allowing.url}/projects/start/")
    page.get_by_role("button", name="Another").click()
    expect(page.get_by_label("Key of param 4")).to_be_focused()
    fill(page, "file:///no/such/folder", **{"Key of param 4": "lr", "Value of param 4": "0.1"})
    page.get_by_role("button", name="Start").click()
    expect(page.locator(".launch")).to_contain_text("its process ended with status", timeout=PATIENCE_MS)
    expect(page.get_by_label("What its process printed last")).to_contain_text("/no/such/folder")
    page.get_by_role("link", name="Run again…").click()
    expect(page.get_by_label("Key of param 1", exact=True)).to_have_value("lr")


@pytest.mark.slow
def test_a_run_is_started_followed_and_stopped(open_page, allowing, tmp_path: Path):
    pytest.importorskip("tracker.projects")
    code = "import time\nfor step in range(600): print('step', step, flush=True); time.sleep(0.1)"
    (tmp_path / "train.py").write_text(code)
    (tmp_path / "MLproject").write_text(f"entry_points: {{main: {{command: '{sys.executable} train.py'}}}}")
    page = open_page(f"{allowing.url}/projects/start/")
    fill(page, str(tmp_path), Experiment="digits")
    page.get_by_role("combobox", name="Environment").select_option("local")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("log")).to_contain_text("step 9", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".page-head")).to_contain_text("Killed", timeout=PATIENCE_MS)
    expect(page.locator(".launch")).to_contain_text("its process ended")
