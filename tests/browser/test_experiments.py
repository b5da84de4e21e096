"""The experiments page and the frame around it in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible
from tests.browser.looks import everywhere


@pytest.fixture(scope="module")
def site(shared_server):
    """A server with one experiment of three runs."""
    client = shared_server.client()
    for name in ("alpha", "beta", "gamma"):
        client.put(f"/api/v1/runs/home-{name}/", {"experiment": "seen at home", "name": name})
    return shared_server


@everywhere
def test_it_reads_well_everywhere(site, open_page, width, scheme):
    page = open_page(site.url + "/", width=width, scheme=scheme)
    page.get_by_role("link", name="seen at home").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)


def test_everything_is_there_without_script(site, open_page):
    page = open_page(site.url + "/", javascript=False)
    page.get_by_label("Find an experiment").fill("seen at")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="seen at home").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("seen at home")


def test_an_experiment_is_made_without_script(site, open_page):
    page = open_page(site.url + "/", javascript=False)
    page.locator("summary", has_text="New experiment").click()
    page.get_by_label("Name", exact=True).fill("made by hand")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("made by hand")


def test_slash_goes_to_the_search_line(site, open_page):
    page = open_page(site.url + "/")
    page.keyboard.press("/")
    expect(page.locator(":focus")).to_have_attribute("name", "q")


def test_chosen_colours_stay_on_the_next_page(site, open_page):
    page = open_page(site.url + "/")
    page.locator("[data-theme-button]").click()
    page.locator("[data-theme-button]").click()
    page.goto(site.url + "/connect/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("[data-theme-button] .badge")).to_have_text("dark")


def test_a_folded_bar_stays_folded_on_the_next_page(site, open_page):
    page = open_page(site.url + "/")
    page.locator("[data-fold-button]").click()
    page.goto(site.url + "/connect/")
    assert page.locator("nav.nav").bounding_box()["width"] < 60


def test_a_question_mark_opens_the_keyboard_sheet_and_escape_closes_it(site, open_page):
    page = open_page(site.url + "/")
    page.keyboard.press("?")
    expect(page.locator("#keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keyboard")).to_be_hidden()


def test_escape_closes_a_menu(site, open_page):
    page = open_page(site.url + "/")
    page.locator("summary", has_text="New experiment").click()
    expect(page.get_by_role("button", name="Create")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Create")).to_be_hidden()


@pytest.mark.parametrize(
    ("printed", "page_of"),
    [
        ("/#/experiments/0/runs/home-alpha", "/runs/home-alpha/"),
        ("/#/experiments/0/runs/home-alpha/artifacts/plots", "/runs/home-alpha/artifacts/"),
        ("/#/experiments/0", "/experiments/0/"),
        ('/#/compare-runs?runs=["home-alpha","home-beta"]&experiments=["0"]', "/compare/?run=home-alpha&run=home-beta"),
    ],
)
def test_an_address_that_mlflow_prints_opens_our_page(site, open_page, printed, page_of):
    page = open_page(site.url + printed)
    page.wait_for_url(site.url + page_of)
