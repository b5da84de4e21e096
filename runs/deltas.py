"""How far values lie from those of a baseline."""

import math
from dataclasses import dataclass

from experiments.models import Direction
from trackerweb.formatting import change_in_words


@dataclass(frozen=True)
class Delta:
    """How far a value lies from the baseline's: in words, and whether that is better (None where nobody knows)."""

    text: str
    is_better: bool | None = None


def delta(value: float, base: float, decimals: int, better: Direction | None, percent: bool = False) -> Delta | None:
    """The distance of a value from another, in so many `decimals` or in percent; None where there is no such number."""
    change = value - base
    if not math.isfinite(change) or (percent and not base):
        return None
    text = change_in_words(change / abs(base) * 100, 1) + " %" if percent else change_in_words(change, decimals)
    if better is None or not change:
        return Delta(text)
    return Delta(text, is_better=(change > 0) == (better is Direction.MAX))
