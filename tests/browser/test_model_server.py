"""The page of `tracker models serve` in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_it_is_accessible_and_fits(open_page, model_server, width, scheme):
    page = open_page(model_server.url, width=width, scheme=scheme)
    page.click("text=Predict")
    page.wait_for_selector("[data-answer] pre")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)


def test_the_form_asks_the_model(open_page, model_server):
    page = open_page(model_server.url)
    page.fill("[name='data.name']", "it's")
    page.fill("[name='data.size']", "2.5")
    page.select_option("[name='data.flag']", "true")
    line = page.locator("[data-curl]")
    expect(line).to_contain_text(f"curl {model_server.url}/invocations -H 'Content-Type: application/json' -d '{{")
    expect(line).to_contain_text("""it'"'"'s",2.5,true""")
    page.click("text=Predict")
    expect(page.locator("[data-answer] pre")).to_have_text('{"predictions": ["it\'s 2.5"]}')
    expect(page.locator("[data-answer] p")).to_contain_text("200 in ")


def test_it_works_without_script(open_page, model_server):
    page = open_page(model_server.url, javascript=False)
    page.fill("[name='data.size']", "4")
    page.click("text=Predict")
    expect(page.locator("[data-answer] pre")).to_contain_text('"predictions": ["it\'s </script> 4.0"]')
    expect(page.locator("[name='data.size']")).to_have_value("4")
