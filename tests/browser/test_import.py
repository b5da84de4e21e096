"""The page of an import: it fills while the import goes on, and shows what was found once it is over."""

import pytest
from playwright.sync_api import expect

from bench.importing import write
from tests.browser.accessibility import assert_accessible
from tests.importing.eras import append
from tests.importing.test_uploads import written

pytestmark = pytest.mark.slow


def test_a_folder_is_imported_before_ones_eyes(open_page, shared_server, tmp_path):
    write(tmp_path / "mlruns", 150, 10, 1_000)
    page = open_page(f"{shared_server.url}/import/")
    page.get_by_label("A folder or database on this machine").fill(str(tmp_path))
    page.get_by_role("button", name="Import").first.click()
    page.locator("#live-import[data-running=true] progress").wait_for()
    expect(page.locator("#live-import progress")).not_to_have_attribute("value", "0")
    page.locator("#live-import[data-running=false]").wait_for(timeout=300_000)
    expect(page.locator(".figures")).to_contain_text("1,500,000")


def test_what_was_found_is_listed_and_the_zip_can_be_sent(open_page, shared_server, tmp_path):
    store, run = written(tmp_path, "browser1")
    append(run / "metrics" / "loss", "broken\n")
    page = open_page(f"{shared_server.url}/import/", width=390)
    page.get_by_label("A folder or database on this machine").fill(str(store.root))
    page.get_by_role("button", name="Import").first.click()
    page.get_by_role("link", name="Left out 1").click()
    expect(page.locator(".findings")).to_contain_text("The line 'broken' was left out")
    with page.expect_download() as download:
        page.get_by_title("Report as JSON").or_(page.get_by_role("link", name="Report as JSON")).first.click()
    assert download.value.suggested_filename.endswith(".json")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert_accessible(page)
