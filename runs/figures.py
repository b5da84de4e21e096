"""The figures of a series as pages write them."""

from runs.models import Metric
from runs.points import number_of


class Figures:
    """What has a series, and tells its figures. NaN stands for "nothing but NaN"."""

    metric: Metric

    @property
    def last(self) -> float:
        """The last value."""
        return number_of(self.metric.last)

    @property
    def min(self) -> float:
        """The lowest value that is a number."""
        return number_of(self.metric.min)

    @property
    def max(self) -> float:
        """The highest value that is a number."""
        return number_of(self.metric.max)
