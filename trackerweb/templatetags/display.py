"""How values are written on pages. Built in: no template has to load it."""

from collections.abc import Sequence
from typing import Protocol

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from trackerweb import wording
from trackerweb.clock import now_ms
from trackerweb.sparkline import HEIGHT, sparkline_points

register = template.Library()
register.filter("duration", wording.duration)
register.filter("count", wording.count)
register.filter("significant", wording.significant)

STATUS_WORDS = {
    "RUNNING": "Running",
    "SCHEDULED": "Scheduled",
    "FINISHED": "Finished",
    "FAILED": "Failed",
    "KILLED": "Killed",
    "STALE": "Stale",
}


class HasStatus(Protocol):
    """What a status mark is made of: a run."""

    status: str
    is_stale: bool
    silence_ms: int


@register.simple_tag
def icon(name: str, css_class: str = "icon") -> SafeString:
    """A symbol of static/icons/icons.svg. It says nothing to screen readers: a word stands beside it."""
    sprite = static("icons/icons.svg")
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', css_class, sprite, name)


@register.filter
def ago(time: int | None) -> str | SafeString:
    """A moment (ms since 1970) as it is from now, the exact time on hover. None is –."""
    if time is None:
        return wording.MISSING
    moment = wording.as_datetime(time)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        wording.exact_time(time),
        wording.ago(time, now_ms()),
    )


@register.simple_tag
def number(value: float | None, decimals: int | None = None) -> SafeString:
    """A number with four significant digits, or with its column's `decimals`; all its digits on hover. None is –."""
    if value is None:
        return format_html('<span class="value number missing">{}</span>', wording.MISSING)
    text = wording.significant(value) if decimals is None else wording.fixed(value, decimals)
    return format_html('<span class="value number" title="{}">{}</span>', wording.full(value), text)


@register.simple_tag
def status(run: HasStatus, pill: bool = False) -> SafeString:
    """A run's status: a shape with its word for screen readers, or both to be seen as a pill."""
    kind = "STALE" if run.is_stale else run.status
    title = f"Stale: silent for {wording.duration(run.silence_ms)}" if run.is_stale else STATUS_WORDS[kind]
    return _status(kind, title=title, word_class="word" if pill else "for-screen-readers", pill=pill)


@register.simple_tag
def status_shape(kind: str) -> SafeString:
    """The shape of a status, FAILED say, for where its word stands beside it."""
    return _status(kind, title=STATUS_WORDS[kind], word_class="for-screen-readers", pill=False)


def _status(kind: str, *, title: str, word_class: str, pill: bool) -> SafeString:
    css_class = f"status {kind.lower()}{' pill' if pill else ''}"
    shape = icon(f"status-{kind.lower()}", "")
    word = format_html('<span class="{}">{}</span>', word_class, STATUS_WORDS[kind])
    return format_html('<span class="{}" title="{}">{}{}</span>', css_class, title, shape, word)


@register.simple_tag
def run_name(name: str) -> SafeString:
    """A name that is cut in the middle where room is short; its parent carries the class `run-name`."""
    return format_html("<span>{}</span><span>{}</span>", *wording.name_and_end(name))


@register.simple_tag
def sparkline(values: Sequence[float], width: int = 48, css_class: str = "", filled: bool = False) -> SafeString:
    """A small curve of `values`, a dot at its last one; `filled` down to the ground."""
    points = sparkline_points(values, width)
    css_class = f"sparkline {css_class}".strip()
    if not points:
        return format_html('<svg class="{}" aria-hidden="true"></svg>', css_class)
    line = format_html_join(" ", "{},{}", points)
    (first_x, _), (last_x, last_y) = points[0], points[-1]
    area = format_html('<polyline class="area" points="{0},{3} {1} {2},{3}"/>', first_x, line, last_x, HEIGHT)
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" aria-hidden="true">{}<polyline points="{}"/>'
        '<circle cx="{}" cy="{}" r="1.75"/></svg>',
        *(css_class, width, HEIGHT, area if filled else mark_safe(""), line, last_x, last_y),
    )
