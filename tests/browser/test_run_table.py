"""The run table in a real browser."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible
from tests.browser.looks import everywhere
from tests.browser.patience import until


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
    return page_of(shared_server, "a table")


def page_of(server, experiment):
    found = server.client().get(f"/api/v1/experiments/by-name/{quote(experiment)}/").body
    return f"{server.url}/experiments/{found['experiment_id']}/"


def box(page, name):
    return page.get_by_label(f"Select {name}")


def expect_selected(page, count):
    expect(page.locator("tbody .check input:checked")).to_have_count(count)


@everywhere
def test_it_reads_well_everywhere(address, open_page, width, scheme):
    page = open_page(address, width=width, scheme=scheme)
    box(page, "run-59-s2").check()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)


@pytest.mark.slow
@pytest.mark.parametrize("query", ["?q=metrics.loss+=>+1", "?q=params.lr+=+'none'", "?params=all&rows=25"])
def test_its_other_faces_read_well_too(address, open_page, query):
    page = open_page(address + query, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert_accessible(page)


def test_runs_are_filtered_sorted_paged_and_compared_without_script(address, open_page):
    page = open_page(address, javascript=False)
    page.get_by_role("link", name="Next").click()
    expect(page.locator("tbody tr")).to_have_count(10)
    page.get_by_label("Filter runs").fill("params.lr <= 5")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(6)
    page.locator("thead").get_by_role("link", name="lr", exact=True).click()
    expect(page.locator("tbody .title").first).to_have_text("run-00-s0")
    box(page, "run-00-s0").check()
    box(page, "run-01-s1").check()
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(re.compile(r"/compare/\?run=table-00&run=table-01$"))


def test_runs_are_grouped_and_trashed_without_script(shared_server, open_page):
    client = shared_server.client()
    for name, fold in (("for the bin", "1"), ("to keep", "2")):
        body = {"experiment": "bin table", "name": name, "tags": {"fold": fold}}
        client.put(f"/api/v1/runs/bin-{fold}/", body)
    page = open_page(f"{page_of(shared_server, 'bin table')}?group=tags.fold", javascript=False)
    expect(page.locator(".group-row")).to_have_count(2)
    page.get_by_role("link", name="Runs of 1").click()
    box(page, "for the bin").check()
    page.get_by_role("button", name="Trash").click()
    expect(page.get_by_text("1 run moved to the trash.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("1 run is back.")).to_be_visible()


def test_the_mistake_in_a_filter_is_pointed_at(address, open_page):
    page = open_page(address + "?q=metrics.loss+=>+1")
    expect(page.locator("#search-hint code")).to_have_text("=>")
    expect(page.get_by_label("Filter runs")).to_have_value("metrics.loss => 1")


def test_a_shift_click_selects_what_lies_between(address, open_page):
    page = open_page(address)
    box(page, "run-59-s2").click()
    box(page, "run-55-s1").click(modifiers=["Shift"])
    expect_selected(page, 5)
    expect(page.locator("[data-count]")).to_have_text("5 selected")


def test_a_range_begins_at_a_row_that_has_changed_since(shared_server, open_page):
    client = shared_server.client()
    for name in ("range-1", "range-2", "range-3"):
        client.put(f"/api/v1/runs/{name}/", {"experiment": "range table", "name": name, "status": "RUNNING"})
    page = open_page(page_of(shared_server, "range table"))
    box(page, "range-3").click()
    client.post("/api/v1/runs/range-3/log/", {"status": "FAILED"})
    # Who comes back to a page sees at once what is new.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("tr[data-run-id=range-3] .status.failed")).to_be_visible()
    box(page, "range-1").click(modifiers=["Shift"])
    expect_selected(page, 3)


def test_all_of_the_page_is_selected_and_let_go(address, open_page):
    page = open_page(address)
    page.get_by_label("Select this page").check()
    expect_selected(page, 50)
    page.get_by_role("button", name="Clear selection").click()
    expect(page.locator(".selection-bar")).to_be_hidden()


def test_keys_move_select_and_compare(address, open_page):
    page = open_page(address)
    for key in ("j", "x", "j", "j", "x", "k"):
        page.keyboard.press(key)
    expect(page.locator(":focus")).to_have_attribute("title", "run-58-s1")
    page.keyboard.press("c")
    page.wait_for_url("**/compare/?run=table-59&run=table-57")


def test_enter_opens_the_run(address, open_page):
    page = open_page(address)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/table-59/")


def test_keys_pin_a_row_and_make_it_the_baseline(address, open_page):
    page = open_page(address)
    page.keyboard.press("j")
    page.keyboard.press("p")
    page.wait_for_url("**/?pin=table-59")
    expect(page.locator("tr[data-run-id=table-59] .title")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("b")
    page.wait_for_url("**base=table-58*")
    assert page.locator(".pinned-rows tr").evaluate_all("rows => rows.map(row => row.dataset.runId)") == [
        "table-58", "table-59",
    ]  # fmt: skip
    expect(page.locator(".found-rows .delta.better").first).to_be_visible()
    page.get_by_role("link", name="No baseline").click()
    page.wait_for_url("**/?pin=table-59")


def test_keys_open_the_tag_field_and_enter_tags_what_is_selected(address, shared_server, open_page):
    page = open_page(address)
    page.keyboard.press("j")
    page.keyboard.press("t")
    page.get_by_label("Tag", exact=True).fill("paper")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Tagged 1 run paper.")).to_be_visible()
    assert shared_server.client().get("/api/v1/runs/table-59/").body["tags"]["paper"] == ""


def test_a_cell_has_a_menu_that_filters_and_groups(address, open_page):
    page = open_page(address)
    page.locator("tbody td[data-field='params.lr']").first.click(button="right")
    page.get_by_role("menuitem", name="Without this value").click()
    expect(page.locator(".chip")).to_contain_text("lr")
    expect(page.locator(".hits")).to_contain_text("59 of 60")
    page.wait_for_load_state()
    page.locator("tbody td[data-field='params.lr']").first.click(button="right")
    expect(page.get_by_role("menuitem", name="Only this value")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".group-row").first).to_be_visible()


def test_keys_are_suggested_and_taken_over(address, open_page):
    page = open_page(address)
    page.keyboard.press("/")
    page.keyboard.type("lr<5 val", delay=10)
    expect(page.locator("#suggestions li")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.get_by_label("Filter runs")).to_have_value("lr<5 val/loss")
    page.keyboard.type("<0.03")
    page.keyboard.press("Enter")
    expect(page.locator(".hits")).to_have_text("3 of 60")
    page.wait_for_load_state()
    page.get_by_label("Filter runs").fill("")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#suggestions li").first).to_contain_text("earlier")


def test_a_suggestion_completes_what_was_typed_since_it_came(address, open_page):
    page = open_page(address)
    page.get_by_label("Filter runs").press_sequentially("lr<5 v")
    expect(page.locator("#suggestions li")).to_have_text([re.compile("val/loss")])
    # The next answer never comes.
    page.route("**/keys/*", lambda route: None)
    page.keyboard.type("al")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Filter runs")).to_have_value("lr<5 val/loss")


def test_suggestions_for_what_is_no_longer_typed_are_not_shown(address, open_page):
    page = open_page(address)
    held, of_t = [], re.compile(r"/keys/\?q=t$")
    page.route(of_t, lambda route: held.append(route))
    with page.expect_request(of_t):
        page.get_by_label("Filter runs").press_sequentially("t")
    page.keyboard.press("Backspace")
    page.keyboard.type("val")
    expect(page.locator("#suggestions li")).to_have_text([re.compile("val/loss")])
    with page.expect_response(of_t):
        until(page, lambda: held)[0].continue_()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Filter runs")).to_have_value("val/loss")


def test_a_mistake_keeps_the_runs_that_were_shown(address, open_page):
    page = open_page(address + "?q=lr<3")
    page.get_by_label("Filter runs").fill("lr<3 AND")
    page.keyboard.press("Enter")
    expect(page.locator("#search-hint")).to_contain_text("The runs of lr<3 are shown.")
    expect(page.locator(".found-rows tr")).to_have_count(3)


def test_columns_are_chosen_and_ordered_in_a_dialog(address, open_page):
    page = open_page(address)
    page.locator("summary", has_text="Columns").click()
    page.get_by_label("train/loss", exact=True).select_option("min")
    page.get_by_label("rate", exact=True).select_option("hidden")
    page.get_by_role("button", name="Move val/loss forward").click()
    page.get_by_role("button", name="Show these").click()
    heads = page.locator("thead .names th[data-field*=metrics]")
    expect(heads).to_have_count(2)
    assert heads.evaluate_all("heads => heads.map(head => head.dataset.field)") == [
        "metrics.`val/loss`", "min(metrics.`train/loss`)",
    ]  # fmt: skip


def test_groups_open_in_place_level_by_level(address, open_page):
    page = open_page(address + "?group=tags.fold&group=params.lr&q=lr<4")
    page.locator(".group-row .fold").first.click()
    expect(page.locator(".group-row.nested")).to_have_count(2)
    page.locator(".group-row.nested .fold").first.click()
    expect(page.locator("tr.depth-2")).to_have_count(1)
    widths = "[...new Set([...document.querySelectorAll('.run-table tbody tr')].map(row => row.cells.length))]"
    assert len(page.evaluate(widths)) == 1
    page.locator(".group-row .fold").first.click()
    expect(page.locator(".nested")).to_have_count(0)
    assert_accessible(page)


def test_all_that_match_are_selected_at_once(address, open_page):
    page = open_page(address + "?rows=25")
    box(page, "run-59-s2").check()
    page.get_by_label("all 60 matching").check()
    expect(page.locator("[data-count]")).to_have_text("60 selected")


@pytest.mark.slow
def test_new_runs_wait_in_a_bar_and_changed_rows_change_where_they_are(address, shared_server, open_page):
    client = shared_server.client()
    client.put("/api/v1/runs/table-live/", {"experiment": "live table", "name": "first", "status": "RUNNING"})
    page = open_page(page_of(shared_server, "live table"))
    box(page, "first").check()
    with page.expect_response(lambda answer: "/rows/" in answer.url):
        pass  # the first of those looks for news that follow each other
    client.put("/api/v1/runs/table-new/", {"experiment": "live table", "name": "second"})
    client.post("/api/v1/runs/table-live/log/", {"status": "FAILED"})
    expect(page.locator("[data-news]")).to_contain_text("1 new run.")
    expect(page.locator("tr[data-run-id=table-live] .status.failed")).to_be_visible()
    expect(box(page, "first")).to_be_checked()
    expect(page.locator(".found-rows tr")).to_have_count(1)
    page.get_by_role("link", name="Show", exact=True).click()
    expect(page.locator(".found-rows tr")).to_have_count(2)


@pytest.mark.slow
def test_a_filter_that_finds_nothing_tells_when_it_finds_something(shared_server, open_page):
    client = shared_server.client()
    client.put("/api/v1/runs/early/", {"experiment": "waiting table", "name": "early"})
    page = open_page(f"{page_of(shared_server, 'waiting table')}?q=late")
    client.put("/api/v1/runs/late/", {"experiment": "waiting table", "name": "late"})
    expect(page.locator("[data-news]")).to_contain_text("1 run by now.")
    page.get_by_role("link", name="Show", exact=True).click()
    expect(page.locator(".found-rows tr")).to_have_count(1)


@pytest.mark.slow
def test_a_key_that_comes_meanwhile_shifts_no_column(shared_server, open_page):
    client = shared_server.client()
    client.put("/api/v1/runs/steady/", {"experiment": "steady table", "name": "steady", "params": {"m": "1"}})
    page = open_page(page_of(shared_server, "steady table"))
    client.put("/api/v1/runs/steady/", {"experiment": "steady table", "params": {"a": "new"}})
    client.put("/api/v1/runs/steady-2/", {"experiment": "steady table", "name": "other"})
    expect(page.locator("[data-news]")).to_be_visible()
    cells = page.locator("tr[data-run-id=steady] td[data-field]")
    assert cells.evaluate_all("cells => cells.map(cell => cell.dataset.field)") == ["params.m"]


def test_charts_stand_beside_the_table_and_light_up_with_its_rows(address, open_page):
    page = open_page(address + "?view=split&rows=25")
    expect(page.locator(".table-charts canvas").first).to_be_visible()
    expect(page.locator("[data-legend] [data-run]")).to_have_count(5)
    page.locator("[data-legend] [data-run]").first.hover()
    expect(page.locator("tr.lit")).to_have_count(1)
    page.locator("tbody .draw").nth(7).click()
    page.wait_for_url("**draw=table-5*")
    expect(page.locator("[data-legend] [data-run]")).to_have_count(6)
    assert_accessible(page)


@pytest.mark.slow
@pytest.mark.parametrize("query", ["?view=charts", "?group=seeds", "?base=table-01&pin=table-02"])
def test_charts_groups_and_pins_read_well_on_phones(address, open_page, query):
    page = open_page(address + query, width=390, scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert_accessible(page)


def test_rows_of_another_height_stay_so(address, open_page):
    page = open_page(address)
    page.locator("summary", has_text="Rows").click()
    page.get_by_role("button", name="Compact").click()
    assert page.locator("tbody tr").first.bounding_box()["height"] < 28
    page.reload()
    assert page.locator("tbody tr").first.bounding_box()["height"] < 28


def test_a_view_is_saved_and_opened_again(address, open_page):
    page = open_page(address + "?q=lr<3&sort=params.lr")
    page.locator("summary", has_text="Views").click()
    page.get_by_label("Name of this view").fill("small rates")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved as small rates.")).to_be_visible()
    page.goto(address)
    page.locator("summary", has_text="Views").click()
    page.get_by_role("link", name="small rates").click()
    expect(page.locator(".hits")).to_have_text("3 of 60")


@pytest.mark.slow
@pytest.mark.parametrize("width", [1440, 390])
def test_the_search_across_experiments_reads_well(address, shared_server, open_page, width):
    page = open_page(f"{shared_server.url}/search/?q=lr<3 experiment:'a table'", width=width)
    expect(page.locator(".found-rows tr")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)


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
