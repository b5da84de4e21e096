"""The Plots and Media tabs of `/compare/` in a real browser."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.patience import until
from tests.browser.test_run_tabs import picture, put
from tests.server import RealServer

OpenPage = Callable[..., Page]

RUNS = 14


@pytest.fixture(scope="module")
def address(shared_server: RealServer) -> str:
    """Of a comparison of fourteen runs of a sweep, with pictures."""
    client = shared_server.client()
    ids = []
    for number in range(RUNS):
        run_id = f"plotted-{number}-{time.time_ns()}"
        params = {"lr": repr(0.1 / (number % 7 + 1)), "opt": "adam" if number % 2 else "sgd", "width": str(number // 4)}
        client.put(f"/api/v1/runs/{run_id}/", {"experiment": "plotted", "name": f"plotted {number}", "params": params})
        metrics = {"acc": {"values": [0.9 - 0.01 * (number % 7)]}, "loss": {"values": [1.0 + number]}}
        body = {"metrics": metrics, "status": "FINISHED"}
        assert client.post(f"/api/v1/runs/{run_id}/log/", body).status == 200
        if number < 3:
            for step in (1, 2):
                put(shared_server, run_id, f"mask_{step}.png", picture(40 * number + step))
        ids.append(run_id)
    return f"{shared_server.url}/compare/?" + "&".join(f"run={run_id}" for run_id in ids)


def colours(page: Page, kind: str) -> int:
    """How many colours a plot has been drawn in; 0 before it has a canvas."""
    return page.evaluate(
        """(kind) => {
            const canvas = document.querySelector(`figure[data-plot='${kind}'] canvas`);
            if (!canvas) return 0;
            const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
            copy.drawImage(canvas, 0, 0);
            return new Set(new Uint32Array(copy.getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size;
        }""",
        kind,
    )


def wait_for_plot(page: Page, kind: str) -> int:
    """Wait until a plot that is in sight is drawn. Returns `colours`."""
    return until(page, lambda: colours(page, kind), lambda found: found > 8)


def test_every_plot_is_drawn(open_page: OpenPage, address: str) -> None:
    page = open_page(f"{address}&tab=plots", height=3000)
    for kind in ("parallel", "scatter", "contour", "box", "bar", "correlation"):
        expect(page.locator(f"figure[data-plot='{kind}'] canvas").first).to_be_visible()
        wait_for_plot(page, kind)


@pytest.mark.slow
def test_the_forest_takes_the_place_of_rank_correlation(open_page: OpenPage, address: str) -> None:
    page = open_page(f"{address}&tab=plots")
    expect(page.locator("#importance-table")).to_contain_text("random forest of 100 trees")


def test_a_brush_on_an_axis_filters_the_other_plots(open_page: OpenPage, address: str) -> None:
    page = open_page(f"{address}&tab=plots", height=1600)
    before = wait_for_plot(page, "bar")
    wait_for_plot(page, "parallel")
    canvas = page.locator("figure[data-plot='parallel'] .canvas")
    box = canvas.bounding_box()
    assert box
    # The last axis: 64 pixels from the right of the drawing, which has 8 beside it.
    x, top, height = box["x"] + box["width"] - 72, box["y"] + 34, box["height"] - 50
    page.mouse.move(x, top - 2)
    page.mouse.down()
    page.mouse.move(x, top + height / 2, steps=4)
    page.mouse.up()
    expect(page.get_by_text(f"of {RUNS}: acc")).to_be_visible()
    until(page, lambda: colours(page, "bar"), lambda found: found < before)
    page.get_by_role("link", name="Compare these").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text(f"Compare {RUNS} runs")


@pytest.mark.slow
def test_a_plot_is_saved_as_png_svg_and_csv(open_page: OpenPage, address: str) -> None:
    page = open_page(f"{address}&tab=plots")
    saved = {}
    page.get_by_label("Scatter: more").click()
    wait_for_plot(page, "scatter")
    for kind in ("PNG", "SVG", "CSV"):
        with page.expect_download() as download:
            page.locator("figure[data-plot='scatter']").get_by_role("button", name=kind).click()
        saved[kind] = download.value.path().read_bytes()
    assert saved["PNG"].startswith(b"\x89PNG")
    assert saved["SVG"].startswith(b"<svg")
    assert saved["CSV"].splitlines()[0] == b"Run,duration (s),acc"


@pytest.mark.slow
def test_another_metric_and_other_axes_are_chosen_in_the_address(open_page: OpenPage, address: str) -> None:
    page = open_page(f"{address}&tab=plots")
    page.locator("select[name=metric]").select_option("loss")
    expect(page.get_by_role("heading", name="Importance for loss")).to_be_visible()
    expect(page).to_have_url(re.compile("metric=loss"))


def test_without_script_the_tables_stand_where_plots_would(open_page: OpenPage, address: str) -> None:
    page = open_page(f"{address}&tab=plots", javascript=False)
    expect(page.locator("figure[data-plot='scatter']").get_by_role("table")).to_be_visible()
    expect(page.locator("#importance-table")).to_contain_text("Spearman")


def test_pictures_are_laid_over_the_base_and_follow_the_slider(open_page: OpenPage, address: str) -> None:
    page = open_page(f"{address}&tab=media")
    page.get_by_role("button", name="Difference").click()
    over = page.locator(".cell:not([data-base]) .over").first
    expect(over).to_be_visible()
    first = over.get_attribute("src")
    page.get_by_role("slider", name="Step").press("ArrowLeft")
    expect(over).not_to_have_attribute("src", str(first))
    page.get_by_role("button", name="Swipe").click()
    expect(page.get_by_role("slider", name="How much of the base is seen")).to_be_visible()
    expect(page).to_have_url(re.compile("mode=swipe"))
    page.get_by_role("button", name="Side by side").click()
    expect(over).to_be_hidden()
