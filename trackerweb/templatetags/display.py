"""What templates write with. Every tag here escapes what it is given."""

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from trackerweb import assets, formatting
from trackerweb.clock import now_ms
from trackerweb.markdown import to_html

register = template.Library()
register.filter("whole", formatting.whole)

_LONG_NUMBER = re.compile(r"-?[0-9]{1,18}\.[0-9]{7,40}(e[-+]?[0-9]{1,2})?", re.ASCII)
STATUS_WORDS = {
    "RUNNING": ("running", "Running"),
    "SCHEDULED": ("scheduled", "Scheduled"),
    "FINISHED": ("finished", "Finished"),
    "FAILED": ("failed", "Failed"),
    "KILLED": ("killed", "Killed"),
    "STALE": ("stale", "Stale"),
}


@register.simple_tag
def asset(name: str) -> str:
    """Where the joined styles or scripts of our pages lie."""
    return assets.address(name)


@register.simple_tag
def icon(name: str, css_class: str = "icon") -> SafeString:
    """An icon of static/icons/icons.svg; what it means is said beside it."""
    address = static("icons/icons.svg")
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', css_class, address, name)


@register.simple_tag
def number(value: float | None, decimals: int | None = None) -> SafeString:
    """A number as `significant` writes it, the whole value in its title."""
    shown, whole = formatting.significant(value, decimals), formatting.exact(value)
    return format_html('<span title="{}">{}</span>', whole, shown)


@register.simple_tag
def plain_value(value: float | str | None) -> SafeString:
    """A number as `number` writes it, a text as it is, – for nothing."""
    return number(value) if value is None or isinstance(value, (int, float)) else format_html("{}", value)


@register.filter
def unlocalized(value: float) -> str:
    """A number as SVG reads it."""
    return f"{value:.2f}"


@register.filter
def significant(value: float | None) -> str:
    """A number in 4 significant digits."""
    return formatting.significant(value)


@register.filter
def shortened(text: str) -> str:
    """The value of a param; six digits of a number that has many more."""
    return f"{float(text):.6g}" if _LONG_NUMBER.fullmatch(text) else text


@register.filter
def exact(value: float | None) -> str:
    """The whole number."""
    return formatting.exact(value)


@register.filter
def duration(milliseconds: int | None) -> str:
    """A duration in human units."""
    return formatting.duration(milliseconds)


@register.simple_tag
def ago(time: int | None) -> SafeString:
    """How long ago a time in milliseconds was, the moment itself in its title; – for none."""
    if time is None:
        return format_html("{}", formatting.MISSING)
    moment = _moment(time)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat() if moment else "",
        f"{moment:%-d %b %Y, %H:%M:%S} UTC" if moment else time,
        formatting.ago(time, now_ms()),
    )


@register.simple_tag
def moment(time: int) -> SafeString:
    """The moment of a time in milliseconds, how long ago in its title."""
    found = _moment(time)
    shown = f"{found:%-d %b %Y, %H:%M} UTC" if found else str(time)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        found.isoformat() if found else "",
        formatting.ago(time, now_ms()),
        shown,
    )


@register.filter
def markdown(text: str) -> SafeString:
    """A note as safe HTML."""
    return to_html(text)


def _moment(time: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(time / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None


@register.simple_tag
def run_status(run: Any, word: bool = False) -> SafeString:
    """The status of a run, with how long it has been silent where that is news."""
    silence = formatting.duration(run.silence_ms)
    note = f"silent for {silence}" if run.is_stale else f"quiet {silence}" if run.is_quiet else ""
    return status_mark("STALE" if run.is_stale else run.status, note, word)


@register.simple_tag
def status_mark(status: str, note: str = "", word: bool = False) -> SafeString:
    """A status as a shape and a word; the word is for screen readers alone unless `word` makes it a pill."""
    css_class, text = STATUS_WORDS[status]
    title = f"{text}: {note}" if note else text
    return format_html(
        '<span class="status {}{}" title="{}">{}<span class="{}">{}</span></span>',
        css_class,
        " pill" if word else "",
        title,
        icon(f"status-{css_class}", ""),
        "" if word else "for-screen-readers",
        title if word else text,
    )


@register.simple_tag
def run_name(name: str) -> SafeString:
    """A run's name in two parts, of which the first may be cut. Goes inside an element of class run-name."""
    return format_html_join("", "<span>{}</span>", [(part,) for part in formatting.cut_name(name)])


@register.simple_tag
def sparkline(values: Sequence[float], width: int = 48, height: int = 16, area: bool = False) -> SafeString:
    """Values as a small curve, inline SVG; an empty one for fewer than two that can be drawn."""
    drawable = [value for value in values if math.isfinite(value)]
    if len(drawable) < 2:
        return SafeString('<svg class="sparkline" aria-hidden="true"></svg>')
    points, x, y = formatting.polyline(drawable, width, height)
    ground = format_html('<polyline class="area" points="1,{} {} {},{}"/>', height, points, x, height) if area else ""
    return format_html(
        '<svg class="sparkline{}" viewBox="0 0 {} {}" aria-hidden="true">{}<polyline points="{}"/>'
        '<circle cx="{}" cy="{}" r="1.75"/></svg>',
        " wide" if width > 64 else "", width, height, ground, points, f"{x:.1f}", f"{y:.1f}",
    )  # fmt: skip


@register.simple_tag
def share_bar(share: float) -> SafeString:
    """A bar as long as a share from 0 to 1."""
    return format_html(
        '<svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="8"/></svg>',
        f"{100 * min(1.0, max(0.0, share)):.1f}",
    )


@register.filter
def in_words(summary: Any, decimals: int) -> str:
    """What stands beside the middle of a group's values."""
    return str(summary.in_words(decimals))


@register.simple_tag
def run_field(run: Any, key: str) -> SafeString | str:
    """A field of a run as its column shows it."""
    if key in ("start_time", "end_time"):
        return ago(getattr(run, key))
    if key == "duration":
        return formatting.duration(run.duration_ms)
    if key == "experiment":
        return format_html('<a class="clip" href="{}">{}</a>', run.experiment.get_absolute_url(), run.experiment.name)
    if key == "status":
        return STATUS_WORDS["STALE" if run.is_stale else run.status][1]
    text = str(getattr(run, {"user_id": "user"}.get(key, key)) or "")
    short = text[:8] if key in ("git_commit", "run_id", "parent_run_id") else text[:60]
    return format_html('<span title="{}">{}</span>', text[:1000], short or formatting.MISSING)


@register.simple_tag(takes_context=True)
def kept_fields(context: template.Context, *dropped: str) -> SafeString:
    """The query of this page as hidden fields of a form, but for the names that the form says anew."""
    lists = context["request"].GET.lists()
    kept = [(name, value) for name, values in lists if name not in dropped for value in values]
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', kept)
