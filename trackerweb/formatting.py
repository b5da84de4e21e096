"""How numbers, times and names are written on pages."""

import math
from collections.abc import Iterable

MINUS = "−"
MISSING = "–"
#: Of a column that holds small and large values alike.
MOST_DECIMALS = 5
_UNITS_MS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s"))


def significant(value: float | None, decimals: int | None = None) -> str:
    """A number in 4 significant digits, or with so many `decimals` as its column has; – for none.

    0.98757 is 0.9876, 1234567 is 1.235e6, -0.5 has a true minus.
    """
    if value is None:
        return MISSING
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else f"{MINUS}∞"
    size = abs(value)
    if size != 0 and (size < 1e-4 or size >= 1e6):
        text = _exponential(value)
    elif decimals is not None:
        text = f"{value:,.{decimals}f}"
    else:
        text = f"{value:,.{decimals_for([value])}f}"
        text = text.rstrip("0").rstrip(".") if "." in text and value == int(value) else text
    return text.replace("-", MINUS)


def _exponential(value: float) -> str:
    mantissa, exponent = f"{value:.3e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def decimals_for(values: Iterable[float | None]) -> int:
    """Decimals of a column: as many as its largest value needs for 4 significant digits; 0 for whole numbers."""
    shown = [abs(value) for value in values if value is not None and math.isfinite(value)]
    plain = [value for value in shown if value == 0 or 1e-4 <= value < 1e6]
    if not plain or all(value == int(value) for value in plain):
        return 0
    largest = max(plain)
    return max(0, 3 - math.floor(math.log10(largest))) if largest else 0


def exact(value: float | None) -> str:
    """The whole value, for a hover or a copy."""
    if value is None:
        return MISSING
    return repr(int(value)) if math.isfinite(value) and value == int(value) and abs(value) < 1e15 else repr(value)


def whole(value: int | None) -> str:
    """A whole number with its thousands apart: `−1,860`; – for none."""
    return MISSING if value is None else f"{value:,}".replace("-", MINUS)


def file_size(size: int) -> str:
    """Bytes as templates write them: `940 bytes`, `1.2 KB`, `3.4 GB`."""
    # Not on top: processes that only parse a file import this module too, and need no templates.
    from django.template.defaultfilters import filesizeformat

    return filesizeformat(size)


def points(count: int, first_step: int | None, last_step: int | None, of: str = "") -> str:
    """Points `of` a series and where they lie: `1,204 points of loss from step 5,000 to 6,204`, `1 point at step 0`."""
    number = f"{'1 point' if count == 1 else f'{whole(count)} points'}{of and f' of {of}'}"
    if first_step is None or last_step is None:
        return number
    if first_step == last_step:
        return f"{number} at step {whole(first_step)}"
    return f"{number} from step {whole(first_step)} to {whole(last_step)}"


def duration(milliseconds: int | None) -> str:
    """A duration in one or two units: `0.4 s`, `38 min`, `1 h 12 min`; – for none."""
    if milliseconds is None:
        return MISSING
    if milliseconds < 60_000:
        seconds = milliseconds / 1000
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    for place, (unit, name) in enumerate(_UNITS_MS[:-1]):
        if milliseconds >= unit:
            whole, rest = divmod(milliseconds, unit)
            smaller, smaller_name = _UNITS_MS[place + 1]
            part = rest // smaller
            return f"{whole} {name} {part} {smaller_name}" if name != "min" and part else f"{whole} {name}"
    return MISSING


def ago(time: int, now: int) -> str:
    """How long ago a moment was, in one unit: `12 s ago`, `yesterday`, `3 w ago`."""
    passed = now - time
    if passed < 0:
        return "in the future"
    if passed < 5000:
        return "just now"
    if passed < 86_400_000:
        unit, name = next((unit, name) for unit, name in _UNITS_MS if passed >= unit)
        return f"{passed // unit} {name} ago"
    days = passed // 86_400_000
    if days == 1:
        return "yesterday"
    if days < 14:
        return f"{days} d ago"
    return f"{days // 7} w ago" if days < 365 else f"{days // 365} y ago"


def cut_name(name: str) -> tuple[str, str]:
    """A name as what may be cut and its end, which stays: seeds and folds sit at the end."""
    place = max(name.rfind("-"), name.rfind("_"))
    return (name[:place], name[place:]) if place > 0 and len(name) - place < 9 else (name, "")


def polyline(values: list[float], width: int, height: int) -> tuple[str, float, float]:
    """Points of an SVG polyline over finite `values`, and where its last one is: (points, x, y)."""
    lowest, highest = min(values), max(values)
    spread = highest - lowest
    step = (width - 4) / max(1, len(values) - 1)
    places = []
    for place, value in enumerate(values):
        share = (value - lowest) / spread if spread and math.isfinite(spread) else 0.5
        places.append((1 + place * step, 2 + (height - 4) * (1 - share)))
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places), *places[-1]


def change_in_words(change: float, decimals: int) -> str:
    """A difference with its sign: `+0.0085`, `−0.0404`, `±0` for one that its column can't show."""
    if abs(change) < 0.5 * 10**-decimals:
        return "±0"
    sign = "+" if change > 0 else MINUS
    return sign + (f"{abs(change):,.{decimals}f}" if abs(change) < 1e6 else _exponential(abs(change)))
