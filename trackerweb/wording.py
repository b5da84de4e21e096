"""How numbers, times and names are put into words. Plain text; templatetags/display.py makes HTML of it."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime

SIGNIFICANT_DIGITS = 4
#: From here on a decimal point tells less than a power of ten.
LARGEST_PLAIN, SMALLEST_PLAIN = 1e7, 1e-4
MINUS = "−"
MISSING = "–"

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY


def significant(value: float | None) -> str:
    """A number with four significant digits and a true minus: 0.98538 is "0.9854", -12 is "−12", None is "–"."""
    if value is None:
        return MISSING
    if not math.isfinite(value):
        return _not_finite(value)
    if _needs_exponent(value):
        return _with_exponent(value)
    if value == int(value):
        return _true_minus(f"{value:.0f}")
    return _true_minus(f"{value:.{_decimals(value)}f}")


def fixed(value: float | None, decimals: int) -> str:
    """A number with as many decimals as its column has, so that points line up."""
    if value is None or not math.isfinite(value):
        return significant(value)
    text = f"{value:.{decimals}f}"
    if _needs_exponent(value) or (value != 0 and float(text) == 0):
        return _with_exponent(value)
    return _true_minus(text)


def full(value: float | None) -> str:
    """Every digit that a number has, to be shown on hover and copied."""
    if value is None:
        return ""
    return repr(value).removesuffix(".0")


def column_decimals(values: Iterable[float | None]) -> int:
    """How many decimals a column takes: as many as its largest value needs for four significant digits.

    Numbers that are shown with a power of ten, and those that are not finite, don't count.
    """
    plain = [value for value in values if value is not None and math.isfinite(value) and not _needs_exponent(value)]
    if all(value == int(value) for value in plain):
        return 0
    return _decimals(max(plain, key=abs))


def count(number: int) -> str:
    """A count with a comma between thousands: "1,284"."""
    return f"{number:,}"


def duration(milliseconds: float | None) -> str:
    """A span of time in its two largest units: "0.4 s", "38 min", "1 h 12 min", "2 d 3 h"."""
    if milliseconds is None:
        return MISSING
    if milliseconds < MINUTE:
        return f"{milliseconds / SECOND:.1f} s" if 0 < milliseconds < 10 * SECOND else f"{milliseconds // SECOND:.0f} s"
    if milliseconds < HOUR:
        minutes, seconds = divmod(milliseconds, MINUTE)
        return f"{minutes:.0f} min {seconds // SECOND:02.0f} s" if minutes < 10 else f"{minutes:.0f} min"
    if milliseconds < DAY:
        hours, rest = divmod(milliseconds, HOUR)
        return f"{hours:.0f} h {rest // MINUTE:02.0f} min"
    days, rest = divmod(milliseconds, DAY)
    return f"{days:.0f} d {rest // HOUR:.0f} h"


def ago(time: int, now: int) -> str:
    """How long before `now` a moment was, both in ms since 1970: "12 s ago", "yesterday", "3 w ago", a date beyond."""
    silence = now - time
    if silence < -MINUTE:
        return f"in {_largest_unit(-silence)}"
    if silence < SECOND:
        return "now"
    if DAY <= silence < 2 * DAY:
        return "yesterday"
    if silence < 9 * WEEK:
        return f"{_largest_unit(silence)} ago"
    return as_datetime(time).strftime("%-d %b %Y")


def exact_time(time: int) -> str:
    """A moment to the second: "23 Nov 2026, 18:59:08 UTC"."""
    return as_datetime(time).strftime("%-d %b %Y, %H:%M:%S UTC")


def as_datetime(time: int) -> datetime:
    """A moment in ms since 1970. What no calendar holds becomes the nearest day that one does."""
    seconds = min(max(time / SECOND, -62_135_596_800), 253_402_300_799)
    return datetime.fromtimestamp(seconds, UTC)


def name_and_end(name: str, longest_end: int = 12) -> tuple[str, str]:
    """A name in two parts, the second of which stays when it is cut: names differ at their ends (seed, fold).

    "r18-cos-lr0.03-s4" is ("r18-cos-lr0.03", "-s4").
    """
    place = max(name.rfind(sign) for sign in "-_ /.=")
    end = name[place:] if place > 0 else ""
    if not end or len(end) > longest_end:
        end = name[-4:] if len(name) > 24 else ""
    return name.removesuffix(end), end


def _largest_unit(span: int) -> str:
    units = [(WEEK, "w", 2), (DAY, "d", 1), (HOUR, "h", 1), (MINUTE, "min", 1)]
    for size, word, least in units:
        if span >= least * size:
            return f"{span // size} {word}"
    return f"{span // SECOND} s"


def _needs_exponent(value: float) -> bool:
    size = abs(value)
    if size == 0:
        return False
    return size < SMALLEST_PLAIN or size >= (1e15 if value == int(value) else LARGEST_PLAIN)


def _decimals(value: float) -> int:
    if value == 0:
        return 0
    return max(0, SIGNIFICANT_DIGITS - 1 - math.floor(math.log10(abs(value))))


def _with_exponent(value: float) -> str:
    mantissa, _, exponent = f"{value:.{SIGNIFICANT_DIGITS - 1}e}".partition("e")
    return _true_minus(f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}")


def _not_finite(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "∞" if value > 0 else f"{MINUS}∞"


def _true_minus(text: str) -> str:
    return text.replace("-", MINUS)
