"""The tags that templates write with."""

import math

import pytest
from django.template import Context, Template

from trackerweb.clock import now_ms


def rendered(template, **context):
    return Template(template).render(Context(context))


def test_an_icon_is_taken_from_our_own_sprite():
    assert 'href="/static/icons/icons.svg#plug"' in rendered('{% icon "plug" %}')


def test_a_number_tells_the_rest_of_its_digits_on_hover():
    assert rendered("{% number value %}", value=0.9853845963) == '<span title="0.9853845963">0.9854</span>'


def test_a_moment_tells_the_exact_time_on_hover():
    html = rendered("{% ago time %}", time=1_795_460_348_000)
    assert 'title="23 Nov 2026, 18:59:08 UTC"' in html


def test_no_moment_is_a_dash():
    assert rendered("{% ago time %}", time=None) == "–"


@pytest.mark.parametrize("time", [-(2**63), 2**63 - 1])
def test_a_moment_that_no_calendar_holds_is_written_all_the_same(time):
    assert "<time" in rendered("{% ago time %}", time=time)


def test_a_status_is_a_shape_and_a_word():
    html = rendered('{% status_mark "FAILED" %}')
    assert "#status-failed" in html
    assert ">Failed<" in html


def test_a_stale_run_tells_how_long_it_has_been_silent():
    html = rendered('{% status_mark "STALE" "silent for 11 min" %}')
    assert 'title="Stale: silent for 11 min"' in html


def test_a_name_is_escaped():
    assert "<script>" not in rendered("{% run_name name %}", name="<script>alert()</script>-s1")


def test_a_curve_leaves_out_what_is_not_finite():
    html = rendered("{% sparkline values %}", values=[1.0, math.nan, 2.0, math.inf])
    assert html.count(",") == 2


def test_one_point_is_no_curve():
    assert "polyline" not in rendered("{% sparkline values %}", values=[1.0])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chosen_colours_come_with_the_page(client, db, theme):
    client.cookies["theme"] = theme
    assert f'data-theme="{theme}"' in client.get("/connect/").text


def test_colours_that_nobody_offers_are_those_of_the_system(client, db):
    client.cookies["theme"] = '"><script>'
    assert "data-theme=" not in client.get("/connect/").text


def test_a_folded_bar_stays_folded(client, db):
    client.cookies["nav"] = "folded"
    assert 'data-nav="folded"' in client.get("/connect/").text


def test_an_unknown_address_is_answered_with_a_page(client, db):
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert "Nothing is at this address." in response.text


def test_a_moment_just_past_is_now(db):
    assert ">just now<" in rendered("{% ago time %}", time=now_ms())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("52.59865724552538", "52.5987"), ("-0.015786542640310", "-0.0157865"), ("3.0000000012e-7", "3e-07"),
        ("0.1", "0.1"), ("1e-05", "1e-05"), ("12345678901", "12345678901"), ("9.12345678 m", "9.12345678 m"),
    ],
)  # fmt: skip
def test_a_long_number_among_params_is_shortened(text, shown):
    assert rendered("{{ value|shortened }}", value=text) == shown
