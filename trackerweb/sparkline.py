"""Small curves that the server draws: points of an SVG polyline, no script and no style."""

import math
from collections.abc import Sequence

HEIGHT = 16
MARGIN = 2


def sparkline_points(values: Sequence[float], width: int) -> list[tuple[float, float]]:
    """Places of `values` on a canvas `width` wide and 16 high, evenly spaced; what is not finite is left out."""
    finite = [(index, value) for index, value in enumerate(values) if math.isfinite(value)]
    if not finite:
        return []
    lowest = min(value for _, value in finite)
    # Halved, since the span of the largest floats is no float.
    half_span = max(value for _, value in finite) / 2 - lowest / 2
    stride = (width - 2 * MARGIN) / max(1, len(values) - 1)
    return [(round(MARGIN + index * stride, 1), _y(value, lowest, half_span)) for index, value in finite]


def _y(value: float, lowest: float, half_span: float) -> float:
    if half_span == 0:
        return HEIGHT / 2
    share = (value / 2 - lowest / 2) / half_span
    return round(HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN), 1)
