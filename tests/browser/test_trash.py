"""The trash and disk use in a real browser: look, take back, delete for good, with and without script."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible
from tests.browser.looks import everywhere
from tests.server import RealServer

pytestmark = pytest.mark.slow


def fill(server):
    """Put three runs, one with a file, and an experiment into the trash."""
    client = server.client()
    for number in range(3):
        client.put(f"/api/v1/runs/old{number}/", {"experiment": "vision", "name": f"old-run-{number}"})
    client.send("PUT", "/api/v1/runs/old0/artifacts/weights.bin", b"0" * 100_000)
    sweep = client.put("/api/v1/experiments/by-name/old-sweep/").body["experiment_id"]
    client.put("/api/v1/runs/inside/", {"experiment": "old-sweep"})
    for number in range(3):
        client.send("DELETE", f"/api/v1/runs/old{number}/")
    client.send("DELETE", f"/api/v1/experiments/{sweep}/")


@pytest.fixture
def site(server):
    """A server of its own with something in the trash, which may be taken out."""
    fill(server)
    return server


@pytest.fixture(scope="module")
def full_site(tmp_path_factory):
    """One to look at alone."""
    server = RealServer(tmp_path_factory.mktemp("trash")).start()
    fill(server)
    yield server
    server.stop()


@everywhere
@pytest.mark.parametrize("path", ["/trash/", "/disk/", "/trash/purge/?older_than=0"])
def test_it_reads_well_everywhere(full_site, open_page, path, width, scheme):
    page = open_page(full_site.url + path, width=width, scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)


@pytest.mark.parametrize("javascript", [True, False])
def test_one_comes_back_by_its_own_button(site, open_page, javascript):
    page = open_page(site.url + "/trash/", javascript=javascript)
    page.get_by_role("button", name="Restore old-run-1").click()
    expect(page.get_by_role("status")).to_contain_text("1 thing restored")
    assert site.client().get("/api/v1/runs/old1/").body["lifecycle_stage"] == "active"
    assert site.client().get("/api/v1/runs/old0/").body["lifecycle_stage"] == "deleted"


@pytest.mark.parametrize("javascript", [True, False])
def test_chosen_ones_are_deleted_for_good_after_a_look_at_what_goes(site, open_page, javascript):
    page = open_page(site.url + "/trash/", javascript=javascript)
    page.get_by_label("Select old-run-0").check()
    page.get_by_label("Select old-sweep").check()
    page.get_by_role("button", name="Delete for good…").click()
    for figure in (r"Runs\s+2", r"97\.7.KB"):
        expect(page.locator("main")).to_contain_text(re.compile(figure), use_inner_text=True)
    page.get_by_role("button", name="Delete 2 runs and 1 experiment for good").click()
    # Another message stands beside it as long as their room is being freed.
    expect(page.get_by_role("status").filter(has_text="are free again")).to_contain_text("deleted for good")
    assert site.client().get("/api/v1/runs/old0/").status == 404
    assert site.client().get("/api/v1/runs/old1/").status == 200


def test_a_range_is_chosen_with_shift_and_all_with_the_box_above(site, open_page):
    page = open_page(site.url + "/trash/")
    boxes = page.locator(".trash tbody input")
    boxes.nth(0).check()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(page.locator("[data-count]")).to_have_text("3 selected")
    page.get_by_label("Select this page").check()
    expect(page.locator("[data-count]")).to_have_text("4 selected")


def test_the_trash_is_emptied(site, open_page):
    page = open_page(site.url + "/trash/")
    page.get_by_role("link", name="Empty the trash…").click()
    page.get_by_role("button", name=re.compile("for good")).click()
    page.get_by_role("heading", name="The trash is empty").wait_for()


def test_an_experiment_whose_name_was_taken_comes_back_under_another(site, open_page):
    site.client().put("/api/v1/experiments/by-name/old-sweep/")
    page = open_page(site.url + "/trash/", javascript=False)
    page.get_by_role("button", name="Restore old-sweep").click()
    page.get_by_label("Name").fill("old-sweep again")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("old-sweep again")
    assert site.client().get("/api/v1/experiments/by-name/old-sweep%20again/").status == 200
