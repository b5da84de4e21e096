"""Corrections in a real browser, with and without script."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible
from tests.browser.looks import everywhere
from tests.browser.patience import until
from tests.server import RealServer

pytestmark = pytest.mark.slow

OpenPage = Callable[..., Page]


@pytest.fixture
def run_id(shared_server: RealServer) -> str:
    """A finished run with params and two curves."""
    run_id = f"run{time.time_ns()}"
    client = shared_server.client()
    client.put(
        f"/api/v1/runs/{run_id}/",
        {"experiment": "to correct", "name": "first", "params": {"lr": "0.03", "opt/name": "sgd"}},
    )
    steps = list(range(50))
    curves = {key: {"steps": steps, "values": [1 / (step + 1) for step in steps]} for key in ("loss", "val/loss")}
    assert client.post(f"/api/v1/runs/{run_id}/log/", {"metrics": curves, "status": "FINISHED"}).status == 200
    return run_id


def experiment_of(server: RealServer, run_id: str) -> int:
    return int(server.client().get(f"/api/v1/runs/{run_id}/").body["experiment_id"])


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def javascript(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.mark.parametrize("width", [1440, 390])
def test_a_param_is_corrected(
    shared_server: RealServer, open_page: OpenPage, run_id: str, javascript: bool, width: int
) -> None:
    page = open_page(f"{shared_server.url}/runs/{run_id}/", width=width, javascript=javascript)
    page.get_by_label("Change opt/name").click()
    page.get_by_role("link", name="Correct…").click()
    field = page.get_by_label("opt/name")
    expect(field).to_have_value("sgd")
    field.fill("adam")
    field.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("opt/name is “adam” now. It was “sgd”.")
    expect(page.locator("#param-list")).to_contain_text("adam")
    expect(page.locator(".history")).to_contain_text("Corrected the param opt/name")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_metric_is_cut_after_a_question(
    shared_server: RealServer, open_page: OpenPage, run_id: str, javascript: bool, width: int
) -> None:
    page = open_page(f"{shared_server.url}/runs/{run_id}/", width=width, javascript=javascript)
    page.get_by_label("Change loss", exact=True).click()
    page.get_by_role("link", name="Cut from step…").click()
    page.get_by_label("Delete the points from this step on").fill("40")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".asked")).to_contain_text("10 points of loss from step 40 to 49")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("Deleted 10 points of loss from step 40 to 49.")
    expect(page.locator('[data-metric="loss"] td').last).to_have_text("40")


def test_a_deletion_can_be_called_off(shared_server: RealServer, open_page: OpenPage, run_id: str) -> None:
    page = open_page(f"{shared_server.url}/runs/{run_id}/")
    page.get_by_label("Change val/loss").click()
    page.get_by_role("link", name="Delete…").click()
    page.get_by_role("link", name="Cancel").click()
    expect(page.locator('[data-metric="val/loss"]')).to_be_visible()


def test_the_menu_of_a_row_is_reached_by_keyboard(shared_server: RealServer, open_page: OpenPage, run_id: str) -> None:
    page = open_page(f"{shared_server.url}/runs/{run_id}/")
    page.get_by_label("Change lr").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Correct…")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Correct…")).to_be_hidden()


def test_an_open_menu_stays_while_points_arrive(shared_server: RealServer, open_page: OpenPage, run_id: str) -> None:
    client = shared_server.client()
    client.post(f"/api/v1/runs/{run_id}/log/", {"status": "RUNNING"})
    page = open_page(f"{shared_server.url}/runs/{run_id}/")
    page.get_by_label("Change loss", exact=True).click()
    row = page.locator('[data-metric="loss"]')
    with page.expect_response(lambda answer: "/api/v1/metrics/" in answer.url):
        client.post(f"/api/v1/runs/{run_id}/log/", {"metrics": {"loss": {"steps": [50], "values": [0.1]}}})
    expect(page.get_by_role("link", name="Cut from step…")).to_be_visible()
    expect(row).to_have_attribute("data-count", "50")
    page.keyboard.press("Escape")
    expect(row).to_have_attribute("data-count", "51")


def test_a_run_is_moved(shared_server: RealServer, open_page: OpenPage, run_id: str, javascript: bool) -> None:
    target = f"moved {time.time_ns()}"
    page = open_page(f"{shared_server.url}/runs/{run_id}/", javascript=javascript)
    page.get_by_label("More", exact=True).click()
    page.get_by_role("link", name="Move to…").click()
    page.get_by_label("Experiment: choose one").fill(target)
    page.get_by_role("button", name="Move").click()
    expect(page.get_by_role("status")).to_contain_text(f"Moved to {target}.")
    expect(page.get_by_label("Breadcrumb")).to_contain_text(target)


def test_a_run_is_copied(shared_server: RealServer, open_page: OpenPage, run_id: str) -> None:
    page = open_page(f"{shared_server.url}/runs/{run_id}/", javascript=False)
    page.get_by_label("More", exact=True).click()
    page.get_by_role("link", name="Copy to…").click()
    page.get_by_label("Name of the copy").fill("second")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status")).to_contain_text("This is the copy of first.")
    expect(page.get_by_role("heading", level=1)).to_have_text("second")
    expect(page.locator('[data-metric="loss"] td').last).to_have_text("50")


def test_an_experiment_is_renamed_trashed_and_restored_under_another_name(
    shared_server: RealServer, open_page: OpenPage, javascript: bool
) -> None:
    name = f"old {time.time_ns()}"
    client = shared_server.client()
    made = client.put(f"/api/v1/experiments/by-name/{name.replace(' ', '%20')}/").body
    page = open_page(f"{shared_server.url}/experiments/{made['experiment_id']}/", javascript=javascript)
    page.get_by_label("Rename").click()
    page.get_by_label("Name", exact=True).fill(f"{name} renamed")
    page.get_by_role("button", name="Rename").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{name} renamed")
    page.get_by_label("More", exact=True).click()
    page.get_by_role("button", name="Trash, with its runs").click()
    expect(page.get_by_role("status")).to_contain_text("in the trash")
    client.post("/api/v1/experiments/", {"name": f"{name} renamed"})
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("alert")).to_contain_text("by now")
    page.get_by_label("Name", exact=True).fill(f"{name} again")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{name} again")


def test_an_experiment_gets_a_note_a_tag_and_a_primary_metric(
    shared_server: RealServer, open_page: OpenPage, run_id: str
) -> None:
    number = experiment_of(shared_server, run_id)
    page = open_page(f"{shared_server.url}/experiments/{number}/", javascript=False)
    page.get_by_label("More", exact=True).click()
    page.get_by_role("link", name="Note, tags, primary metric…").click()
    page.get_by_label("Note, in Markdown").fill("It *works*.")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator(".note-text em")).to_have_text("works")
    page.get_by_label("Tag", exact=True).fill("kept")
    page.get_by_role("button", name="Add").click()
    expect(page.locator(".chip")).to_contain_text("kept")
    page.get_by_label("Metric", exact=True).fill("loss")
    page.get_by_label("Good end").select_option("min")
    page.get_by_role("button", name="Save metric").click()
    client = shared_server.client()
    body = until(
        page, lambda: client.get(f"/api/v1/experiments/{number}/").body, lambda body: body["primary_metric"] == "loss"
    )
    assert (body["note"], body["primary_metric"], body["primary_direction"]) == ("It *works*.", "loss", "min")


@everywhere
def test_every_page_reads_well_everywhere(
    shared_server: RealServer, open_page: OpenPage, run_id: str, width: int, scheme: str
) -> None:
    client = shared_server.client()
    client.put(f"/api/v1/runs/{run_id}/params/lr/", {"value": "x" * 300})
    number = experiment_of(shared_server, run_id)
    client.send("PATCH", f"/api/v1/experiments/{number}/", {"note": "Why **so**?", "tags": {"team": "vision"}})
    gone = client.put(f"/api/v1/experiments/by-name/gone{time.time_ns()}/").body["experiment_id"]
    client.send("DELETE", f"/api/v1/experiments/{gone}/")
    page = open_page(f"{shared_server.url}/history/", width=width, scheme=scheme)
    for path in (
        "/history/", f"/history/?kind=run&object={run_id}", f"/experiments/{number}/", f"/experiments/{number}/edit/",
        f"/experiments/{gone}/", f"/runs/{run_id}/move/", f"/runs/{run_id}/copy/",
        f"/runs/{run_id}/params/correct/?key=lr", f"/runs/{run_id}/params/delete/?key=lr",
        f"/runs/{run_id}/metrics/cut/?key=loss", f"/runs/{run_id}/metrics/cut/?key=loss&from_step=999",
        f"/runs/{run_id}/metrics/cut/?key=loss&from_step=3", f"/runs/{run_id}/",
    ):  # fmt: skip
        page.goto(shared_server.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    for name in ("Change lr", "Change loss", "More"):
        page.get_by_label(name, exact=True).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    [
        "/history/",
        "move/",
        "copy/",
        "params/correct/?key=lr",
        "params/delete/?key=lr",
        "metrics/cut/?key=loss&from_step=99",
        "",
    ],
)
def test_every_page_is_accessible(
    shared_server: RealServer, open_page: OpenPage, run_id: str, path: str, scheme: str
) -> None:
    shared_server.client().put(f"/api/v1/runs/{run_id}/params/lr/", {"value": "x" * 300})
    address = path if path.startswith("/") else f"/runs/{run_id}/{path}"
    page = open_page(shared_server.url + address, width=390 if scheme == "dark" else 1440, scheme=scheme)
    if not path:
        page.get_by_label("Change loss", exact=True).click()
    assert_accessible(page)


@pytest.mark.parametrize("part", ["", "edit/"])
def test_the_pages_of_an_experiment_are_accessible(
    shared_server: RealServer, open_page: OpenPage, run_id: str, part: str
) -> None:
    number = experiment_of(shared_server, run_id)
    change = {"note": "Why **so**?", "tags": {"team": "vision"}}
    shared_server.client().send("PATCH", f"/api/v1/experiments/{number}/", change)
    page = open_page(f"{shared_server.url}/experiments/{number}/{part}")
    if not part:
        page.get_by_label("More", exact=True).click()
    assert_accessible(page)
