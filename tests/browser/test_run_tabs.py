"""The tabs of a run's page in a real browser."""

import io
import re
import time
import urllib.request
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible
from tests.browser.drawing import wait_for_ink
from tests.browser.looks import everywhere
from tests.server import RealServer

OpenPage = Callable[..., Page]

TABS = ["charts", "media", "logs", "system", "code", "models"]
PATCH = "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n import torch\n-lr = 0.1  # slow\n+lr = 'fast'\n"


def picture(shade: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), (shade, 80, 160)).save(buffer, format="png")
    return buffer.getvalue()


def put(server: RealServer, run_id: str, path: str, content: bytes) -> None:
    address = f"{server.url}/api/v1/runs/{run_id}/artifacts/{path}"
    with urllib.request.urlopen(urllib.request.Request(address, content, method="PUT")) as answer:
        assert answer.status in (200, 201)


@pytest.fixture
def run_id(shared_server: RealServer) -> str:
    """A running run with something in every tab."""
    run_id = f"tabs{time.time_ns()}"
    client = shared_server.client()
    environment = {
        "command": ["python", "train.py", "--lr", "0.1"],
        "python": "3.12.7",
        "packages": {"numpy": "2.4.6", "torch": "2.9.1"},
        "git": {"branch": "main", "remote": "https://github.com/ada/digits.git", "diff": PATCH, "untracked": ["n.txt"]},
    }
    about = {"experiment": f"tabs-{run_id}", "git_commit": "9f3c1e2ab77c", "environment": environment}
    client.put(f"/api/v1/runs/{run_id}/", about | {"params": {"max_steps": "400"}})
    curve = {"values": [1 / (1 + step) for step in range(100)]}
    text = "\x1b[32mepoch 1\x1b[0m fine\nWARNING hot\nERROR on fire\n"
    body = {
        "metrics": {"loss": curve, "system/cpu_percent": curve},
        "console": [{"stream": "stdout", "offset": 0, "text": text}],
    }
    assert client.post(f"/api/v1/runs/{run_id}/log/", body).status == 200
    for step in (1, 5, 9):
        put(shared_server, run_id, f"samples/mask_{step}.png", picture(step * 25))
    put(shared_server, run_id, "scores.csv", b"class,recall\ncat,0.5\n")
    return run_id


@everywhere
def test_every_tab_is_accessible_and_fits(
    shared_server: RealServer, open_page: OpenPage, run_id: str, width: int, scheme: str
) -> None:
    page = open_page(f"{shared_server.url}/runs/{run_id}/", width=width, scheme=scheme)
    for tab in TABS:
        page.goto(f"{shared_server.url}/runs/{run_id}/{tab}/")
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_keys_open_tabs_and_arrows_lead_to_neighbours(
    shared_server: RealServer, open_page: OpenPage, run_id: str
) -> None:
    client = shared_server.client()
    client.put(f"/api/v1/runs/{run_id}b/", {"experiment": f"tabs-{run_id}", "name": "younger"})
    page = open_page(f"{shared_server.url}/runs/{run_id}/")
    page.keyboard.press("4")
    page.wait_for_url("**/logs/")
    expect(page.get_by_role("log")).to_contain_text("epoch 1")
    page.keyboard.press("2")
    wait_for_ink(page, "loss")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", level=1)).to_have_text("younger")


def test_neighbours_are_those_of_the_table_that_was_left(
    shared_server: RealServer, open_page: OpenPage, run_id: str
) -> None:
    client = shared_server.client()
    for name, lr in (("b", 3), ("c", 1), ("d", 2)):
        client.put(f"/api/v1/runs/{run_id}{name}/", {"experiment": f"tabs-{run_id}", "name": name})
        client.post(f"/api/v1/runs/{run_id}{name}/log/", {"params": {"lr": str(lr)}})
    page = open_page(f"{shared_server.url}/runs/{run_id}/")
    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name=f"tabs-{run_id}").click()
    page.wait_for_url("**/experiments/*/")
    page.goto(f"{page.url}?q=params.lr+%3E+0&sort=params.lr")
    page.get_by_role("link", name="d", exact=True).click()
    expect(page.get_by_text("2 of 3")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_have_text("b")


def test_a_slider_leads_all_media_through_their_steps(
    shared_server: RealServer, open_page: OpenPage, run_id: str
) -> None:
    page = open_page(f"{shared_server.url}/runs/{run_id}/media/")
    image = page.get_by_role("img", name="samples/mask")
    expect(image).to_have_attribute("src", f"/preview/{run_id}/samples/mask_9.png")
    page.get_by_role("slider", name="Step").press("ArrowLeft")
    expect(image).to_have_attribute("src", f"/preview/{run_id}/samples/mask_5.png")
    expect(page).to_have_url(f"{shared_server.url}/runs/{run_id}/media/?step=5")
    expect(page.get_by_role("cell", name="cat")).to_be_visible()


def test_the_log_follows_what_a_run_prints(shared_server: RealServer, open_page: OpenPage, run_id: str) -> None:
    page = open_page(f"{shared_server.url}/runs/{run_id}/logs/")
    expect(page.get_by_label("Follow")).to_be_checked()
    chunk = {"stream": "stdout", "offset": 900, "text": "epoch 2 <b>bold</b>\n"}
    shared_server.client().post(f"/api/v1/runs/{run_id}/log/", {"console": [chunk]})
    expect(page.get_by_role("log")).to_contain_text("epoch 2 <b>bold</b>")
    page.get_by_label("Level").select_option("error")
    expect(page.get_by_role("log")).to_have_text("ERROR on fire\n")


def test_a_running_run_says_how_far_it_is(shared_server: RealServer, open_page: OpenPage, run_id: str) -> None:
    page = open_page(f"{shared_server.url}/runs/{run_id}/system/")
    expect(page.get_by_text(re.compile(r"25\s%"))).to_be_visible()
    wait_for_ink(page, "system/cpu_percent")
    expect(page.get_by_label("X axis")).to_have_value("relative")


def test_a_new_point_comes_into_the_charts_of_a_tab(
    shared_server: RealServer, open_page: OpenPage, run_id: str
) -> None:
    page = open_page(f"{shared_server.url}/runs/{run_id}/charts/")
    wait_for_ink(page, "loss")
    with page.expect_request(lambda request: "/metrics/" in request.url and "loss" in request.url):
        points = {"loss": {"steps": [200], "values": [3.0]}}
        shared_server.client().post(f"/api/v1/runs/{run_id}/log/", {"metrics": points})
    expect(page.get_by_text(re.compile(r"50\s%"))).to_be_visible()
