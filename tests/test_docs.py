"""The documentation names what there is, and its examples run."""

import os
import re
import subprocess
import sys

import pytest

import tracker
from tests.server import ROOT
from tests.test_hostile_requests import routes
from tracker.delivery.batches import _ADDERS
from tracker.journal.entries import entry_of

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def read(name: str) -> str:
    return (ROOT / name).read_text()


def variables() -> set[str]:
    """Every environment variable that the server or a command reads."""
    sources = "".join(path.read_text() for path in (ROOT / "trackerweb").rglob("*.py"))
    named = re.findall(r'(?:environment\.\w+|environ\.get)\(\s*"([A-Z_]+)"', sources)
    assert "TRACKER_HOME" in named
    return {*named, "DATABASE_URL", *re.findall(r"^([A-Z]+) \?=", read("Makefile"), re.MULTILINE)}


@pytest.mark.parametrize("name", sorted(variables()))
def test_every_variable_is_documented(name):
    assert f"| `{name}` |" in read("docs/configuration.md")


def test_no_variable_is_documented_that_nobody_reads():
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", read("docs/configuration.md"), re.MULTILINE))
    assert documented - {"CI"} == variables()


@pytest.mark.parametrize("route", routes())
def test_every_route_is_documented(route):
    known = re.sub(r"<\w+:(\w+)>", r"{\1}", route.removeprefix("api/v1/")).replace("{experiment_id}", "{id}")
    assert re.search(rf"(GET|POST|PUT|DELETE) {re.escape(known)}", read("docs/api.md"))


def test_every_package_has_its_reason():
    packages = re.findall(r"^([\w-]+)==", read("requirements.txt"), re.MULTILINE)
    decisions = read("docs/decisions.md").lower()
    names = {"djangorestframework": "rest framework", "drf-spectacular-sidecar": "sidecar"}
    for package in packages:
        assert names.get(package, package.lower()) in decisions, package


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page):
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_are_named_are_there(page):
    for target in re.findall(r"`((?:trackerweb|runs|experiments|tests|docs|static)/[\w/.-]+\.\w+)`", page.read_text()):
        assert (ROOT / target).exists(), target


def test_every_make_target_of_the_readme_is_there():
    targets = re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE)
    assert set(re.findall(r"make ([a-z-]+)", read("README.md"))) - {"and"} <= set(targets)


def test_the_readme_logs_a_run(shared_server, tmp_path):
    (example,) = re.findall(r"```python\n(.*?)```", read("README.md"), re.DOTALL)
    told = {"PYTHONPATH": str(ROOT), "TRACKER_JOURNAL": str(tmp_path / "j"), "TRACKER_URI": shared_server.url}
    environment = os.environ | told | {"TRACKER_CAPTURE": "none"}
    subprocess.run([sys.executable, "-c", example], env=environment, check=True, timeout=300)
    client = shared_server.client()
    made = client.put("/api/v1/experiments/by-name/first-steps/").body["experiment_id"]
    (run,) = client.get(f"/api/v1/runs/?experiment={made}").body["runs"]
    assert run["status"] == "FINISHED"
    assert run["metrics"]["loss"]["count"] == 100


def test_the_page_of_the_client_names_every_setting_and_every_call():
    page = read("docs/client.md")
    code = "".join(file.read_text() for file in (ROOT / "tracker").rglob("*.py"))
    for name in set(re.findall(r'"(TRACKER_[A-Z_]+)"', code)):
        assert f"`{name}`" in page, name
    for name in set(tracker.__all__) - {"Run", "RunEnded", "TrackerError", "data", "log", "get_tracking_uri"}:
        assert name in page, name


def test_the_page_of_the_journal_names_every_field(tmp_path):
    page = read("docs/journal.md")
    for name in [*_ADDERS, "t", "s", "file", "model", "model_ready", "end_time", "failure"]:
        assert f"`{name}`" in page, name
    line = re.search(r"^    ([0-9a-f]{8} .*)$", page, re.MULTILINE)[1]
    assert entry_of(line.encode()) == {"t": 1795521600000, "s": 12, "m": {"loss": 0.25}}
