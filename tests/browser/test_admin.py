"""The admin in a real browser, under our policy: no script or style of it is refused, and its actions ask first."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible


@pytest.fixture(scope="module")
def site(shared_server):
    """A server with an experiment of two runs, one with a file."""
    client = shared_server.client()
    for number in (1, 2):
        columns = {"steps": [0, 1], "values": [1.0, 0.5]}
        client.put(
            f"/api/v1/runs/desk{number}/", {"experiment": "desk", "name": f"desk-run-{number}", "params": {"a": "1"}}
        )
        client.post(f"/api/v1/runs/desk{number}/log/", {"metrics": {"loss": columns}, "status": "FINISHED"})
    client.send("PUT", "/api/v1/runs/desk1/artifacts/a.txt", b"hello")
    return shared_server


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("path", ["", "runs/run/?experiment=desk", "runs/run/1/change/"])
def test_it_reads_well_everywhere(site, open_page, path, width, scheme):
    page = open_page(f"{site.url}/admin/{path}", width=width, scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_our_question_is_accessible(site, open_page):
    page = open_page(f"{site.url}/admin/runs/run/?experiment=desk")
    page.locator("#result_list tbody input").first.check()
    page.get_by_label("Action:").select_option("trash")
    page.get_by_role("button", name="Go").click()
    page.get_by_role("button", name="Move to the trash").wait_for()
    assert_accessible(page)


def test_a_run_is_trashed_after_a_question(site, open_page):
    site.client().put("/api/v1/runs/desk-doomed/", {"experiment": "desk", "name": "doomed"})
    page = open_page(f"{site.url}/admin/runs/run/?q=doomed")
    page.locator("#result_list tbody input").first.check()
    page.get_by_label("Action:").select_option("trash")
    page.get_by_role("button", name="Go").click()
    expect(page.locator(".asked")).to_contain_text("doomed")
    page.get_by_role("button", name="Move to the trash").click()
    page.get_by_text("1 run moved to the trash.").wait_for()
    assert site.client().get("/api/v1/runs/desk-doomed/").body["lifecycle_stage"] == "deleted"


def test_the_experiment_filter_keeps_the_others(site, open_page):
    page = open_page(f"{site.url}/admin/runs/run/?status=FINISHED")
    page.get_by_label("By experiment").fill("desk")
    page.keyboard.press("Enter")
    page.wait_for_url("**experiment=desk**")
    assert "status=FINISHED" in page.url
    expect(page.locator("#result_list tbody tr")).to_have_count(2)
