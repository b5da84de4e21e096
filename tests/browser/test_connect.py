"""The connect page in a real browser."""

from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible
from tests.browser.looks import everywhere


@everywhere
def test_it_reads_well_everywhere(shared_server, open_page, width, scheme):
    page = open_page(shared_server.url + "/connect/", width=width, scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)


def test_a_copied_snippet_is_the_snippet(shared_server, open_page):
    page = open_page(shared_server.url + "/connect/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#notebook .copy").click()
    page.locator("#notebook .copy", has_text="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#notebook code").text_content()


def test_without_script_nothing_is_offered_that_needs_one(shared_server, open_page):
    page = open_page(shared_server.url + "/connect/", javascript=False)
    expect(page.locator("button:visible")).to_have_count(0)
    expect(page.locator("#notebook code")).to_contain_text(shared_server.url)
