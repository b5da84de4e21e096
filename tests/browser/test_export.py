"""The file of a comparison, opened without a server."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible
from tests.browser.drawing import card, drag_over, ink, wait_for_ink
from tests.browser.patience import until
from tests.server import RealServer

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def address(shared_server: RealServer) -> str:
    """Of a comparison of five runs."""
    client = shared_server.client()
    ids = []
    for number in range(5):
        run_id = f"exported-{number}-{time.time_ns()}"
        params = {"lr": str(0.1 * number), "width": str(number % 3)}
        client.put(f"/api/v1/runs/{run_id}/", {"experiment": "exported", "name": f"run {number}", "params": params})
        values = [1 / (1 + step * (number + 1)) for step in range(300)]
        body = {"metrics": {"loss": {"steps": list(range(300)), "values": values}}, "status": "FINISHED"}
        assert client.post(f"/api/v1/runs/{run_id}/log/", body).status == 200
        ids.append(run_id)
    return f"{shared_server.url}/compare/?" + "&".join(f"run={run_id}" for run_id in ids)


@pytest.fixture
def file(open_page: OpenPage, address: str, tmp_path: Path) -> Path:
    """The file as the page's button saves it."""
    page = open_page(address)
    with page.expect_download() as download:
        page.get_by_role("link", name="Export", exact=True).click()
    path = tmp_path / "comparison.html"
    download.value.save_as(path)
    return path


def test_its_curves_are_alive_and_its_plots_are_pictures(open_page: OpenPage, file: Path) -> None:
    page = open_page(f"file://{file}")
    whole = wait_for_ink(page, "loss")
    page.get_by_label("run 0").uncheck()
    page.get_by_label("run 1").uncheck()
    until(page, lambda: ink(page, "loss"), lambda drawn: 0 < drawn < whole)
    drag_over(page, "loss", 0.2, 0.4)
    expect(card(page, "loss").get_by_role("button", name="all")).to_be_visible()
    page.get_by_label("Y log").check()
    expect(card(page, "loss").locator(".note")).to_have_text("log")
    assert page.locator(".plot-pictures svg").count() >= 5
    expect(page.get_by_text("Spearman's rank correlation with the metric")).to_be_visible()


def test_it_is_small_accessible_and_asks_nobody(open_page: OpenPage, file: Path) -> None:
    data = re.compile(r'<script id="series".*?</script>', re.DOTALL)
    assert len(data.sub("", file.read_text()).encode()) < 300_000
    page = open_page("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"file://{file}")
    wait_for_ink(page, "loss")
    assert asked == [f"file://{file}"]
    assert_accessible(page)


def test_without_script_the_link_gives_the_same_file_without_plots(
    open_page: OpenPage, address: str, tmp_path: Path
) -> None:
    page = open_page(address, javascript=False)
    with page.expect_download() as download:
        page.get_by_role("link", name="Export", exact=True).click()
    text = download.value.path().read_text()
    assert '"key": "loss"' in text or '"key":"loss"' in text
