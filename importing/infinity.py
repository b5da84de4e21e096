"""MLflow's databases hold infinity as the largest number of all, and its servers tell it so."""

import math
import sys

from importing.reporting import Report

RESTORED = "Infinity, which MLflow stores as the largest number of all, is infinity again."


def restored(value: float, place: str, report: Report) -> float:
    """A value as it was logged; what is put right is reported."""
    if not math.isfinite(value) or abs(value) < sys.float_info.max:
        return value
    report.repair(place, RESTORED)
    return math.copysign(math.inf, value)
