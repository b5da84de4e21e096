"""`/runs/<run_id>/` in a real browser."""

import math
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible
from tests.browser.drawing import card, drag_over, wait_for_ink
from tests.browser.looks import everywhere
from tests.browser.patience import until
from tests.server import RealServer

OpenPage = Callable[..., Page]


def loss(step: int) -> float:
    return 2 * math.exp(-step / 300) + 0.05 * math.sin(step)


def now_ms() -> int:
    return int(time.time() * 1000)


def log(server: RealServer, run_id: str, steps: range, **batch: object) -> None:
    start = now_ms()
    metrics = {
        "val/loss": {
            "steps": list(steps),
            "timestamps": [start + step for step in steps],
            "values": [loss(step) for step in steps],
        }
    }
    assert server.client().post(f"/api/v1/runs/{run_id}/log/", {"metrics": metrics} | batch).status == 200


@pytest.fixture
def run_id(shared_server: RealServer) -> str:
    """A finished run with two curves, one with gaps, 12 params, a tag and a note."""
    run_id = f"run{time.time_ns()}"
    client = shared_server.client()
    about = {
        "experiment": "digits",
        "name": "r18-cos-lr0.03-s3",
        "note": "Third seed of the **mixup** candidate.",
        "params": {f"param_{number}": "x" * number * 9 for number in range(12)} | {"lr": "0.03"},
        "tags": {"sweep": "3"},
        "git_commit": "9f3c1e2ab77c",
    }
    assert client.put(f"/api/v1/runs/{run_id}/", about).status == 201
    gaps = [0.5, "NaN", 0.6, 0.7, "Infinity", 0.8, "-Infinity"]
    log(shared_server, run_id, range(3000))
    body = {"metrics": {"val/accuracy": {"steps": list(range(7)), "values": gaps}, "final": {"values": [0.98]}}}
    client.post(f"/api/v1/runs/{run_id}/log/", body | {"status": "FINISHED"})
    return run_id


@everywhere
def test_the_page_is_drawn_and_accessible(
    shared_server: RealServer, open_page: OpenPage, run_id: str, width: int, scheme: str
) -> None:
    page = open_page(f"{shared_server.url}/runs/{run_id}/", width=width, scheme=scheme)
    wait_for_ink(page, "val/loss")
    wait_for_ink(page, "val/accuracy")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_script_the_numbers_stand_where_the_curves_would(
    shared_server: RealServer, open_page: OpenPage, run_id: str
) -> None:
    page = open_page(f"{shared_server.url}/runs/{run_id}/", javascript=False)
    twin = card(page, "val/loss").locator("details")
    expect(twin.get_by_role("row").filter(has_text="first")).to_contain_text("2.000")
    expect(page.get_by_role("button", name="Save as PNG")).to_have_count(0)
    expect(page.get_by_label("Search params")).to_be_hidden()


def test_without_script_name_note_and_tags_can_be_edited(
    shared_server: RealServer, open_page: OpenPage, run_id: str
) -> None:
    page = open_page(f"{shared_server.url}/runs/{run_id}/", javascript=False)
    page.get_by_title("Rename").click()
    page.get_by_label("Name", exact=True).fill("better-name")
    page.get_by_role("button", name="Rename").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("better-name")
    page.get_by_text("Edit", exact=True).click()
    page.get_by_label("Note, in Markdown").fill("It *works*.")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator(".note-text em")).to_have_text("works")
    page.get_by_text("Add a tag").click()
    page.get_by_label("Tag", exact=True).fill("kept")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Remove tag sweep").click()
    expect(page.locator("aside .chip")).to_have_text(["kept"])


def test_a_run_goes_to_the_trash_and_comes_back(shared_server: RealServer, open_page: OpenPage, run_id: str) -> None:
    page = open_page(f"{shared_server.url}/runs/{run_id}/")
    page.get_by_role("button", name="Trash").click()
    expect(page.get_by_role("status")).to_contain_text("in the trash")
    assert_accessible(page)
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("status")).to_have_count(0)


def test_zooming_asks_the_server_for_the_window(shared_server: RealServer, open_page: OpenPage, run_id: str) -> None:
    page = open_page(f"{shared_server.url}/runs/{run_id}/")
    wait_for_ink(page, "val/loss")
    with page.expect_request(lambda request: "from=" in request.url and "val%2Floss" in request.url) as asked:
        drag_over(page, "val/loss", 0.5, 0.6)
    window = parse_qs(urlsplit(asked.value.url).query)
    assert 1300 < int(window["from"][0]) < 1520
    assert 1780 < int(window["to"][0]) < 1950
    series = next(iter(asked.value.response().json()["series"]))  # type: ignore[union-attr]
    assert series["exact"]
    reset = card(page, "val/loss").get_by_role("button", name="show all")
    expect(reset).to_be_visible()

    def go_back() -> bool:
        """Double-clicks. Two clicks are two of them where the window's points are drawn in between."""
        card(page, "val/loss").locator(".u-over").dblclick()
        return reset.is_hidden()

    until(page, go_back)


def test_the_crosshair_tells_step_and_value(shared_server: RealServer, open_page: OpenPage, run_id: str) -> None:
    page = open_page(f"{shared_server.url}/runs/{run_id}/")
    wait_for_ink(page, "val/loss")
    card(page, "val/loss").locator(".u-over").hover(position={"x": 5, "y": 50})
    tip = card(page, "val/loss").locator(".chart-tip")
    expect(tip).to_contain_text("step")
    expect(tip).to_contain_text("r18-cos-lr0.03-s3")


def test_a_logarithmic_axis_and_a_picture(shared_server: RealServer, open_page: OpenPage, run_id: str) -> None:
    page = open_page(f"{shared_server.url}/runs/{run_id}/")
    wait_for_ink(page, "val/loss")
    card(page, "val/loss").get_by_role("button", name="log scale").click()
    expect(card(page, "val/loss").locator(".note")).to_have_text("log, values up to 0 left out")
    wait_for_ink(page, "val/loss")
    card(page, "val/loss").get_by_label("val/loss: more").click()
    with page.expect_download() as download:
        card(page, "val/loss").get_by_role("button", name="Save as PNG").click()
    assert download.value.suggested_filename == "val-loss.png"
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


def test_params_can_be_searched(shared_server: RealServer, open_page: OpenPage, run_id: str) -> None:
    page = open_page(f"{shared_server.url}/runs/{run_id}/")
    page.get_by_label("Search params").fill("lr")
    expect(page.locator("#param-list > div:visible")).to_have_count(1)


def test_a_curve_grows_while_points_arrive(shared_server: RealServer, open_page: OpenPage) -> None:
    run_id = f"run{time.time_ns()}"
    shared_server.client().put(f"/api/v1/runs/{run_id}/", {"name": "live"})
    log(shared_server, run_id, range(20))
    page = open_page(f"{shared_server.url}/runs/{run_id}/")
    wait_for_ink(page, "val/loss")
    count = page.locator('[data-metric="val/loss"]')
    expect(count).to_have_attribute("data-count", "20")
    with page.expect_response(lambda answer: "/api/v1/metrics/" in answer.url) as fetched:
        log(shared_server, run_id, range(20, 400))
    assert fetched.value.json()["series"][0]["count"] == 400
    expect(count).to_have_attribute("data-count", "400")
    wait_for_ink(page, "val/loss")


@pytest.mark.slow
def test_a_metric_that_was_not_there_gets_its_chart_and_an_ended_run_is_left_alone(
    shared_server: RealServer, open_page: OpenPage
) -> None:
    run_id = f"run{time.time_ns()}"
    shared_server.client().put(f"/api/v1/runs/{run_id}/", {"name": "live"})
    page = open_page(f"{shared_server.url}/runs/{run_id}/")
    expect(page.get_by_text("No metric yet")).to_be_visible()
    log(shared_server, run_id, range(50))
    expect(card(page, "val/loss")).to_be_visible()
    wait_for_ink(page, "val/loss")
    log(shared_server, run_id, range(50, 60), status="FINISHED")
    expect(page.locator("#live-status")).to_contain_text("Finished")
    polls: list[str] = []
    page.on("request", lambda request: polls.append(request.url) if "/live/" in request.url else None)
    page.wait_for_timeout(4000)
    assert polls == []
