"""The run table in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible


@pytest.fixture(scope="module")
def address(shared_server):
    """The page of an experiment with 60 runs."""
    client = shared_server.client()
    for number in range(60):
        path = f"/api/v1/runs/table-{number:02}/"
        body = {"experiment": "a table", "name": f"run-{number:02}-s{number % 3}", "params": {"lr": str(number)}}
        client.put(path, body | {"start_time": 1_795_521_600_000 + number, "tags": {"fold": str(number % 2)}})
        points = {"steps": [0, 1, 2], "values": [1.0, 0.5, number / 100 + 0.001]}
        small = {"steps": [0, 1], "values": [0.001, 0.0001 + number / 1e6]}
        metrics = {"val/loss": points, "train/loss": small, "rate": small}
        client.post(path + "log/", {"metrics": metrics, "status": "FINISHED"})
    listed = client.get("/api/v1/experiments/").body["experiments"]
    number = next(item["experiment_id"] for item in listed if item["name"] == "a table")
    return f"{shared_server.url}/experiments/{number}/"


def box(page, name):
    return page.get_by_label(f"Select {name}")


def selected(page):
    return page.locator("tbody .check input:checked").count()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_it_reads_well_everywhere(address, open_page, width, scheme):
    page = open_page(address, width=width, scheme=scheme)
    box(page, "run-59-s2").check()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)


@pytest.mark.parametrize("query", ["?q=metrics.loss+=>+1", "?q=params.lr+=+'none'", "?params=all&rows=25"])
def test_its_other_faces_read_well_too(address, open_page, query):
    page = open_page(address + query, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert_accessible(page)


def test_runs_are_filtered_sorted_paged_and_compared_without_script(address, open_page):
    page = open_page(address, javascript=False)
    page.get_by_role("link", name="Next").click()
    assert page.locator("tbody tr").count() == 10
    page.get_by_label("Filter runs").fill("params.lr <= 5")
    page.keyboard.press("Enter")
    page.locator("thead").get_by_role("link", name="lr", exact=True).click()
    box(page, "run-00-s0").check()
    box(page, "run-01-s1").check()
    page.get_by_role("button", name="Compare").click()
    assert page.url.endswith("/compare/?run=table-00&run=table-01")


def test_the_mistake_in_a_filter_is_pointed_at(address, open_page):
    page = open_page(address + "?q=metrics.loss+=>+1")
    assert page.locator("#search-hint code").inner_text() == "=>"
    assert page.get_by_label("Filter runs").input_value() == "metrics.loss => 1"


def test_a_shift_click_selects_what_lies_between(address, open_page):
    page = open_page(address)
    box(page, "run-59-s2").click()
    box(page, "run-55-s1").click(modifiers=["Shift"])
    assert selected(page) == 5
    assert page.locator("[data-count]").inner_text() == "5 selected"


def test_all_of_the_page_is_selected_and_let_go(address, open_page):
    page = open_page(address)
    page.get_by_label("Select this page").check()
    assert selected(page) == 50
    page.get_by_role("button", name="Clear selection").click()
    expect(page.locator(".selection-bar")).to_be_hidden()


def test_keys_move_select_and_compare(address, open_page):
    page = open_page(address)
    for key in ("j", "x", "j", "j", "x", "k"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.title") == "run-58-s1"
    page.keyboard.press("c")
    page.wait_for_url("**/compare/?run=table-59&run=table-57")


def test_enter_opens_the_run(address, open_page):
    page = open_page(address)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/table-59/")


def test_copying_with_the_keyboard_compares_nothing(address, open_page):
    page = open_page(address)
    box(page, "run-59-s2").click()
    page.keyboard.press("Control+c")
    page.wait_for_timeout(200)
    assert page.url == address


def test_another_number_of_rows_is_shown_at_once(address, open_page):
    page = open_page(address)
    page.get_by_label("Rows").select_option("100")
    expect(page.locator("tbody tr")).to_have_count(60)


def test_values_keep_clear_of_each_other(address, open_page):
    page = open_page(address, width=1000)
    page.locator("tbody .value").first.wait_for()
    cramped = "[...document.querySelectorAll('tbody .value')].filter(value => value.scrollWidth > value.clientWidth)"
    assert page.evaluate(f"{cramped}.length") == 0
