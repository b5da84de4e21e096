"""`/compare/` in a real browser."""

import math
import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible
from tests.browser.drawing import card, drag_over, ink, wait_for_ink
from tests.browser.looks import everywhere
from tests.browser.patience import until
from tests.server import RealServer

OpenPage = Callable[..., Page]

RUNS = 12
STEPS = list(range(600))
PATCH = "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = '{}'\n"


@pytest.fixture(scope="module")
def address(shared_server: RealServer) -> str:
    """Of a comparison of twelve runs with three curves each."""
    client = shared_server.client()
    ids = []
    for number in range(RUNS):
        run_id = f"compared-{number}-{time.time_ns()}"
        params = {"opt.lr": repr(0.1 / (number + 1)), "opt.name": "adam" if number % 2 else "sgd", "seed": "1"}
        if number % 3 == 0:
            params["momentum"] = "0.9"
        environment = {"git": {"commit": "c1", "diff": PATCH.format(number)}, "packages": {"torch": str(number)}}
        about = {
            "experiment": "compared",
            "environment": environment,
            "note": f"Try {number}.",
            "name": f"a-rather-long-name-lr-s{number}",
            "params": params,
        }
        assert client.put(f"/api/v1/runs/{run_id}/", about).status == 201
        values = [2 * math.exp(-step / (100 + 20 * number)) + 0.02 for step in STEPS]
        curves = {key: {"steps": STEPS, "values": values} for key in ("val/loss", "train/loss", "system/gpu")}
        body = {"metrics": curves | {"accuracy": {"values": [0.9 + number / 200]}}, "status": "FINISHED"}
        assert client.post(f"/api/v1/runs/{run_id}/log/", body).status == 200
        ids.append(run_id)
    return f"{shared_server.url}/compare/?" + "&".join(f"run={run_id}" for run_id in ids)


@everywhere
@pytest.mark.parametrize("tab", ["charts", "params", "metrics", "code", "media", "plots", "notes"])
def test_each_part_is_accessible_and_fits(open_page: OpenPage, address: str, tab: str, width: int, scheme: str) -> None:
    page = open_page(f"{address}&tab={tab}", width=width, scheme=scheme)
    if tab == "charts":
        wait_for_ink(page, "val/loss")
    if tab == "plots":
        expect(page.locator("figure[data-plot='parallel'] canvas").first).to_be_visible()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_curves_of_all_runs_lie_over_each_other(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    all_runs = wait_for_ink(page, "val/loss")
    for eye in page.locator(".eye").all()[1:]:
        eye.click()
    until(page, lambda: ink(page, "val/loss"), lambda drawn: 0 < drawn < all_runs / 2)


def test_a_hidden_run_stays_hidden_in_the_address(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    page.get_by_role("button", name="a-rather-long-name-lr-s3 in the charts").click()
    expect(page).to_have_url(re.compile("hide=compared-3"))
    page.reload(wait_until="networkidle")
    eye = page.get_by_role("button", name="a-rather-long-name-lr-s3 in the charts")
    expect(eye).to_have_attribute("aria-pressed", "false")


def test_a_chart_takes_one_request_and_none_while_it_is_out_of_sight(open_page: OpenPage, address: str) -> None:
    page = open_page("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/v1/metrics/" in request.url else None)
    page.goto(address)
    for key in ("val/loss", "train/loss"):
        wait_for_ink(page, key)
    page.wait_for_load_state("networkidle")
    assert len(asked) == 2
    assert not any("system" in url for url in asked)
    page.get_by_role("heading", name="system").click()
    wait_for_ink(page, "system/gpu")
    assert len(asked) == 3


def test_the_crosshair_lists_the_nearest_runs(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    wait_for_ink(page, "val/loss")
    card(page, "val/loss").locator(".u-over").hover(position={"x": 90, "y": 80})
    tip = card(page, "val/loss").locator(".chart-tip")
    expect(tip.locator("tbody tr")).to_have_count(8)
    expect(tip.locator("tfoot")).to_have_text("+4")
    expect(tip.locator(".near")).to_have_count(1)


def test_zoom_goes_for_all_charts_of_the_axis(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    wait_for_ink(page, "val/loss")
    wait_for_ink(page, "train/loss")
    drag_over(page, "train/loss", 0.3, 0.5)
    expect(card(page, "val/loss").get_by_role("button", name="show all")).to_be_visible()
    card(page, "val/loss").get_by_role("button", name="show all").click()
    expect(card(page, "train/loss").get_by_role("button", name="show all")).to_be_hidden()


def test_another_run_becomes_the_base_without_script(open_page: OpenPage, address: str) -> None:
    page = open_page(f"{address}&tab=charts", javascript=False)
    page.get_by_role("link", name="Make a-rather-long-name-lr-s1 the base").click()
    expect(page.locator(".counts")).to_contain_text("base a-rather-long-name-lr-s1")
    page.get_by_role("link", name="Params").click()
    expect(page.locator(".diff-table .base").first).to_contain_text("a-rather-long-name-lr-s1")


def test_the_selection_is_edited_without_script(open_page: OpenPage, address: str) -> None:
    page = open_page(address, javascript=False)
    page.get_by_text("Edit the selection").click()
    for box in page.locator(".choices input").all()[2:]:
        box.uncheck()
    page.get_by_role("button", name="Compare these").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare 2 runs")


def test_without_script_params_and_metrics_are_read_and_switched(open_page: OpenPage, address: str) -> None:
    page = open_page(f"{address}&tab=params", javascript=False)
    expect(page.locator("tr[data-row]")).to_have_count(3)
    page.get_by_role("link", name="Differences only").click()
    expect(page.locator("tr[data-row]")).to_have_count(4)
    page.get_by_role("link", name="Metrics").click()
    page.get_by_role("link", name="max").click()
    expect(page.locator(".segments [aria-current]")).to_have_text("max")


def test_params_are_searched_by_key_and_value(open_page: OpenPage, address: str) -> None:
    page = open_page(f"{address}&tab=params")
    page.get_by_label("Search keys and values").fill("adam")
    expect(page.locator("tr[data-row]:visible")).to_have_count(1)


def test_curves_grow_while_a_run_still_logs(shared_server: RealServer, open_page: OpenPage) -> None:
    client = shared_server.client()
    ids = [f"growing-{number}-{time.time_ns()}" for number in range(2)]
    for run_id in ids:
        client.put(f"/api/v1/runs/{run_id}/", {})
        client.post(f"/api/v1/runs/{run_id}/log/", {"metrics": {"loss": {"steps": [0, 1, 2], "values": [3, 2, 1]}}})
    page = open_page(f"{shared_server.url}/compare/?run={ids[0]}&run={ids[1]}")
    wait_for_ink(page, "loss", 50)
    expect(page.locator("#still-running")).to_have_text("2 still running")

    with page.expect_response(lambda answer: "/api/v1/metrics/" in answer.url) as fetched:
        body = {"metrics": {"loss": {"steps": [3], "values": [0.5]}}, "status": "FINISHED"}
        client.post(f"/api/v1/runs/{ids[0]}/log/", body)
    # Of the run that logged, what came since the last step that the page knew.
    (series,) = fetched.value.json()["series"]
    assert (series["run_id"], series["steps"], series["count"]) == (ids[0], [2, 3], 4)
    expect(page.locator("#still-running")).to_have_text("1 still running")


@pytest.mark.parametrize("query", ["", "run=nobody"])
def test_an_empty_comparison_says_what_to_do(shared_server: RealServer, open_page: OpenPage, query: str) -> None:
    page = open_page(f"{shared_server.url}/compare/?{query}")
    expect(page.get_by_text("No runs to compare yet")).to_be_visible()
    assert_accessible(page)
