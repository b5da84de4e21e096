"""Styles and scripts of our pages, joined."""

import re

import pytest
from django.test import Client

from trackerweb import assets

pytestmark = pytest.mark.django_db

OURS = assets.STATIC / "js"


def test_a_page_names_them_by_their_content_and_browsers_keep_them():
    page = Client().get("/connect/").content.decode()
    for name in (assets.STYLES, assets.SCRIPTS):
        address = re.search(rf'"(/assets/\w{{12}}/{re.escape(name)})"', page)[1]
        answer = Client().get(address)
        assert "immutable" in answer["Cache-Control"]
        assert len(answer.content) > 50_000


def test_whoever_asks_for_an_older_one_gets_the_newest_and_does_not_keep_it():
    answer = Client().get("/assets/000000000000/site.css")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-cache")
    assert Client(raise_request_exception=False).get("/assets/000000000000/none.css").status_code == 404
    assert Client().post("/assets/000000000000/site.css").status_code == 405


def test_styles_are_joined_in_their_layers():
    text = assets.site_css()
    assert "@import" not in text
    assert text.strip().startswith("@layer vendor, tokens, base, components, pages;")
    assert text.count("{") == text.count("}")
    for path in (assets.STATIC / "css" / "components").glob("*.css"):
        assert path.read_text().count("{") == path.read_text().count("}"), path.name
        assert f"components/{path.name}" in (assets.STATIC / "css" / "site.css").read_text()


def test_every_import_and_export_of_our_modules_is_understood():
    script = assets.site_js()
    assert not re.search(r"^\s*(?:import|export)\b", script, re.MULTILINE)
    names = {path.relative_to(assets.STATIC).as_posix() for path in OURS.rglob("*.js")}
    assert set(re.findall(r'^known\["([^"]+)"\]', script, re.MULTILINE)) == names
    assert set(re.findall(r'__take\("([^"]+)"\)', script)) <= names


def test_no_module_needs_itself():
    script = assets.site_js()
    bodies = re.split(r'^known\["([^"]+)"\]', script, flags=re.MULTILINE)[1:]
    pairs = zip(bodies[::2], bodies[1::2], strict=True)
    needs = {name: re.findall(r'__take\("([^"]+)"\)', body) for name, body in pairs}

    def walk(name: str, above: tuple[str, ...] = ()) -> None:
        assert name not in above, (*above, name)
        for other in needs[name]:
            walk(other, (*above, name))

    for name in needs:
        walk(name)
