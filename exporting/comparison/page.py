"""What the file of a comparison holds."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from runs import history
from runs.comparing.charts import Chart
from runs.comparing.comparison import Comparison
from runs.models import Metric
from trackerweb import assets
from trackerweb.clock import now_ms

#: Points of all curves together; a file of a few megabytes still opens at once.
MOST_POINTS = 200_000
MOST_POINTS_A_SERIES = 1000
FEWEST_POINTS_A_SERIES = 60
SCRIPT = "js/exporting/comparison.js"
#: The styles that its parts need, in their layers.
STYLES = {
    "vendor": ("vendor/uplot/uPlot.min.css",),
    "tokens": ("css/tokens.css",),
    "base": ("css/base.css",),
    "components": tuple(
        f"css/components/{name}.css"
        for name in ("button", "form", "chart", "data-table", "diff-table", "run-rail", "card", "status")
    ),
    "pages": ("css/pages/compare.css", "css/exporting/comparison.css"),
}
#: As in css/site.css: outside of the layers, so that no component's display shows what is hidden.
_HIDDEN = "[hidden] { display: none; }"


class ComparisonFile:
    """A comparison with its curves' points, its scripts and its styles."""

    def __init__(self, comparison: Comparison, address: str) -> None:
        self.comparison, self.address = comparison, address
        self.time = now_ms()

    @property
    def charts(self) -> list[Chart]:
        """The charts that are drawn: of series of one point a table says more."""
        return [chart for chart in self.comparison.charts if chart.has_curve]

    @cached_property
    def _series(self) -> list[Metric]:
        keys = {chart.key for chart in self.charts}
        by_key = self.comparison.series
        return [metric for key in by_key if key in keys for metric in by_key[key].values()]

    @property
    def series(self) -> dict[str, list[dict[str, Any]]]:
        """The points of each key, as `metrics/` of the API tells them."""
        ids = {run.pk: run.run_id for run in self.comparison.chosen.runs}
        room = MOST_POINTS // max(1, len(self._series))
        limit = max(FEWEST_POINTS_A_SERIES, min(MOST_POINTS_A_SERIES, room))
        found: dict[str, list[dict[str, Any]]] = {}
        for item in history.read_series(self._series, limit):
            found.setdefault(item.metric.key, []).append(item.columns(ids[item.metric.run_id]))
        return found

    @property
    def script(self) -> str:
        """uPlot and our charts: our own text, which holds no end of a script."""
        drawn = assets.script([SCRIPT], f"[{SCRIPT!r}]")
        return f"{assets.text_of('vendor/uplot/uPlot.iife.min.js')}\n{drawn}"

    @property
    def style(self) -> str:
        """The styles in their layers."""
        layers = [f"@layer {layer} {{ {_joined(names)} }}" for layer, names in STYLES.items()]
        return "\n".join([f"@layer {', '.join(STYLES)};", *layers, _HIDDEN])


def _joined(names: Sequence[str]) -> str:
    return " ".join(assets.style(assets.STATIC / name) for name in names)
