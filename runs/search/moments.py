"""Dates, ages and durations as people write them, in milliseconds. All dates are UTC, as the pages show them."""

import re
from datetime import UTC, datetime, timedelta

SECOND = 1000
_UNITS = {
    "ms": 1,
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), SECOND),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60 * SECOND),
    **dict.fromkeys(("h", "hour", "hours"), 3600 * SECOND),
    **dict.fromkeys(("d", "day", "days"), 86_400 * SECOND),
    **dict.fromkeys(("w", "week", "weeks"), 7 * 86_400 * SECOND),
}
_DAYS_BACK = {"today": 0, "yesterday": 1}
_AMOUNT = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*([a-z]+)\s*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_span(text: str) -> float | None:
    """`90s`, `2h`, `1h 30min`, `2 days` in milliseconds; None for anything else."""
    text = text.strip().lower()
    amounts = _AMOUNT.findall(text)
    if not amounts or _AMOUNT.sub("", text) or any(unit not in _UNITS for _, unit in amounts):
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in amounts)


def read_time(text: str, now: int) -> float | None:
    """A moment, or the first one of a day: `2026-11-01`, `2026-11-01 14:30`, ISO 8601 with its zone, `today`, `now`,
    `2 days ago`, `2d`; None for anything else. `now` is in milliseconds.
    """
    words = text.strip().lower()
    if words == "now":
        return float(now)
    if words in _DAYS_BACK:
        return _midnight(now) - _DAYS_BACK[words] * 86_400 * SECOND
    age = read_span(words.removesuffix("ago"))
    if age is not None:
        return now - age
    return _read_date(text.strip())


def is_day(text: str) -> bool:
    """Whether a time that can be read means all of a day."""
    return text.strip().lower() in _DAYS_BACK or _DATE.fullmatch(text.strip()) is not None


def end_of_day(start: float) -> float:
    """The last millisecond of the day that began then."""
    return start + 86_400 * SECOND - 1


def _midnight(now: int) -> float:
    return float(now - now % (86_400 * SECOND))


def _read_date(text: str) -> float | None:
    if _DATE.match(text) is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    # By integers: a float of seconds since 1970 loses milliseconds.
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return float((aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1))
