"""How curves are drawn: every setting changes the drawing and the address, and the address alone brings it back."""

import csv
import io
import re
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.drawing import card, drag_over, ink, wait_for_ink
from tests.browser.patience import until
from tests.server import RealServer

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def address(shared_server: RealServer) -> str:
    """Of a comparison of two configurations with three seeds each: a noisy loss, an outlier, and epochs."""
    client = shared_server.client()
    ids = []
    for number in range(6):
        run_id = f"charted-{number}-{time.time_ns()}"
        params = {"lr": "0.1" if number < 3 else "0.01", "seed": str(number % 3)}
        client.put(f"/api/v1/runs/{run_id}/", {"experiment": "charted", "name": f"run-{number}", "params": params})
        noisy = [1 + number + (step * 7919 % 13) / 10 for step in range(200)]
        steps = list(range(200))
        metrics = {
            "loss": {"steps": steps, "values": [*noisy[:-1], 500.0]},
            "epoch": {"steps": steps, "values": [float(step // 50) for step in steps]},
        }
        client.post(f"/api/v1/runs/{run_id}/log/", {"metrics": metrics, "status": "FINISHED"})
        ids.append(run_id)
    return f"{shared_server.url}/compare/?" + "&".join(f"run={run_id}" for run_id in ids)


def ticks(page: Page, key: str, axis: int) -> list[str]:
    """What stands on an axis: 0 is x, 1 is y. The chart's picture as SVG says it."""
    svg = saved(page, key, "Save as SVG")
    texts = [element for element in ET.fromstring(svg).iter() if element.tag.endswith("text")]
    anchor = ("middle", "end")[axis]
    return [str(element.text) for element in texts if element.get("text-anchor") == anchor]


def highest(page: Page, key: str) -> float:
    """The highest number that stands on the y axis."""
    return max(map(float, ticks(page, key, 1)), default=0.0)


def saved(page: Page, key: str, how: str) -> str:
    """A file that the menu of a chart gives."""
    menu = card(page, key).locator("details.menu")
    if menu.get_attribute("open") is None:
        card(page, key).get_by_label(f"{key}: more").click()
    with page.expect_download() as download:
        menu.get_by_text(how).click()
    return download.value.path().read_text()


def test_smoothing_draws_over_the_points_as_they_were_logged(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    raw = wait_for_ink(page, "loss")
    page.get_by_label("Smoothing", exact=False).first.fill("0.9")
    expect(page.locator(".chart-controls output")).to_have_text("0.90")
    expect(page).to_have_url(re.compile("&smooth=0.9$"))
    until(page, lambda: ink(page, "loss"), lambda drawn: drawn != raw)
    svg = saved(page, "loss", "Save as SVG")
    assert svg.count('stroke-width="1.75"') == 6
    assert svg.count('stroke-width="1"') == 6


def test_outliers_are_passed_over_on_demand(open_page: OpenPage, address: str) -> None:
    page = open_page(f"{address}&outliers=cut")
    wait_for_ink(page, "loss")
    assert 0 < highest(page, "loss") < 20
    page.get_by_label("Ignore outliers").uncheck()
    until(page, lambda: highest(page, "loss"), lambda tick: tick > 300)
    expect(page).not_to_have_url(re.compile("outliers"))


@pytest.mark.parametrize(("x", "tick"), [("step", "100"), ("metrics.epoch", "2"), ("wall", ":")])
def test_x_runs_along_steps_time_or_any_metric(open_page: OpenPage, address: str, x: str, tick: str) -> None:
    page = open_page(address)
    wait_for_ink(page, "loss")
    page.get_by_label("X axis").select_option(x)
    until(page, lambda: ticks(page, "loss", 0), lambda shown: any(tick in words for words in shown))


@pytest.mark.parametrize("seconds", [0.04, 0.4, 4e8])
def test_an_axis_of_time_has_a_tick_however_short_or_long_it_took(
    shared_server: RealServer, open_page: OpenPage, seconds: float
) -> None:
    """Also where the time begins right after a round one and ends right before the next."""
    client, run_id = shared_server.client(), f"timed-{time.time_ns()}"
    begin = 1_700_000_000_000 + round(seconds * 125)
    client.put(f"/api/v1/runs/{run_id}/", {"experiment": "timed"})
    times = [begin + round(seconds * part) for part in range(0, 1001, 250)]
    metrics = {"loss": {"steps": [0, 1, 2, 3, 4], "timestamps": times, "values": [5, 4, 3, 2, 1]}}
    assert client.post(f"/api/v1/runs/{run_id}/log/", {"metrics": metrics, "status": "FINISHED"}).status == 200
    page = open_page(f"{shared_server.url}/runs/{run_id}/charts/?x=wall")
    wait_for_ink(page, "loss", 50)
    shown = ticks(page, "loss", 0)
    assert shown
    assert len(set(shown)) == len(shown)


def test_both_axes_can_be_logarithmic(open_page: OpenPage, address: str) -> None:
    page = open_page(f"{address}&log=1&xlog=1")
    wait_for_ink(page, "loss")
    assert {"1", "10", "100"} <= set(ticks(page, "loss", 1))
    assert {"1", "10", "100"} <= set(ticks(page, "loss", 0))


def test_groups_of_seeds_are_lines_with_bands(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    page.get_by_role("link", name="Group seeds").click()
    expect(page.locator(".run-rail [data-run]")).to_have_count(2)
    wait_for_ink(page, "loss")
    page.get_by_label("Band").select_option("minmax")
    svg = until(page, lambda: saved(page, "loss", "Save as SVG"), lambda svg: svg.count('Z" fill') == 2)
    assert "lr 0.1 (3)" in svg
    page.get_by_label("Band").select_option("none")
    until(page, lambda: saved(page, "loss", "Save as SVG"), lambda svg: 'Z" fill' not in svg)


def test_charts_are_found_by_a_regular_expression(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    wait_for_ink(page, "loss")
    page.get_by_label("Find charts").fill("^ep|nothing")
    expect(card(page, "loss")).to_be_hidden()
    expect(card(page, "epoch")).to_be_visible()
    page.get_by_label("Find charts").fill("(")
    expect(card(page, "epoch")).to_be_hidden()


def test_a_pinned_chart_stands_first_also_after_a_reload(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    wait_for_ink(page, "loss")
    card(page, "loss").get_by_label("loss: more").click()
    card(page, "loss").get_by_text("Pin on top").click()
    expect(page).to_have_url(re.compile("&pin=loss$"))
    page.reload()
    expect(page.locator("[data-pinned] figure")).to_have_attribute("data-key", "loss")
    wait_for_ink(page, "loss")


def test_a_zoom_is_in_the_address(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    wait_for_ink(page, "loss")
    drag_over(page, "loss", 0.25, 0.5)
    expect(page).to_have_url(re.compile("&zoom=step"))
    zoomed = page.url
    page.reload()
    wait_for_ink(page, "loss")
    expect(page).to_have_url(zoomed)
    expect(card(page, "loss").get_by_role("button", name="show all")).to_be_visible()
    assert "150" not in ticks(page, "loss", 0)


def test_shift_and_drag_zooms_over_y(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    wait_for_ink(page, "loss")
    box = card(page, "loss").locator(".u-over").bounding_box()
    assert box is not None
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + 50, box["y"] + box["height"] * 0.7)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + box["height"], steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    until(page, lambda: highest(page, "loss"), lambda tick: 0 < tick < 300)


def test_f_shows_a_chart_on_the_whole_screen(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    wait_for_ink(page, "loss")
    card(page, "loss").hover()
    page.keyboard.press("f")
    expect(card(page, "loss")).to_have_class("chart full")
    page.keyboard.press("Escape")
    expect(card(page, "loss")).to_have_class("chart")


def test_every_point_comes_as_csv(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    wait_for_ink(page, "loss")
    rows = list(csv.DictReader(io.StringIO(saved(page, "loss", "Every point as CSV"))))
    assert len(rows) == 6 * 200
    assert {row["key"] for row in rows} == {"loss"}
