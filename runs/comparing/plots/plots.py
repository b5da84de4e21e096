"""All plots of a comparison: what is shown where nothing was chosen, and the numbers that a script draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from experiments.models import Direction
from runs.comparing.plots import importance
from runs.comparing.plots.choice import Choice
from runs.comparing.plots.frame import DURATION, Column, Frame
from runs.comparing.plots.importance import Forest, Importance
from runs.comparing.plots.ranks import signed
from runs.comparing.plots.shapes import Box, Grid, boxes, can_be_boxed, grid, pareto_front

FIRST_AXES = 6
MOST_BARS = 30
TWIN_ROWS = 8
MOST_CORRELATED = 12


@dataclass(frozen=True)
class TwinRow:
    """A contender in the table beside a plot."""

    name: str
    values: tuple[Any, ...]


class Plots:
    """The plots of one metric; `headline` is taken unless another one is chosen."""

    def __init__(self, frame: Frame, choice: Choice, headline: str | None) -> None:
        self.frame, self._choice, self._headline = frame, choice, headline

    @cached_property
    def target(self) -> Column | None:
        """The metric that params are held against."""
        names = [self._choice.metric, self._headline]
        found = [column for name in names for column in self.frame.metrics if column.name == name]
        return next(iter([*found, *self.frame.metrics]), None)

    @property
    def _wanted(self) -> Column:
        assert self.target is not None
        return self.target

    # Importance

    @cached_property
    def ranked(self) -> list[Importance]:
        """Params by rank correlation, those that say most first."""
        return importance.by_rank(self.frame.params, self._wanted)

    @cached_property
    def forest(self) -> Forest | None:
        """What a random forest says."""
        return importance.grow_forest(self.params, self._wanted)

    @property
    def grown(self) -> list[Importance]:
        """Params by the forest."""
        return importance.by_forest(self.ranked, self.forest) if self.forest else []

    @property
    def can_grow(self) -> bool:
        """Whether there is a forest to ask for."""
        known = sum(number is not None for number in self._wanted.numbers)
        return importance.has_forest() and known >= importance.FEWEST_RUNS

    @cached_property
    def params(self) -> list[Column]:
        """The params that vary, those that say most first."""
        by_name = {param.name: param for param in self.frame.params}
        return [by_name[one.name] for one in self.ranked]

    # Parallel coordinates

    @cached_property
    def axes(self) -> list[Column]:
        """Params, then the metric."""
        chosen = [column for name in self._choice.axes if (column := self.frame.named(name)) is not None]
        params = [column for column in chosen if column != self.target] or self.params[:FIRST_AXES]
        return [*params, self._wanted]

    @property
    def best(self) -> list[TwinRow]:
        """The best contenders, with their values on the axes."""
        return [self._twin(row, self.axes) for row in self.order[:TWIN_ROWS]]

    @cached_property
    def order(self) -> list[int]:
        """Rows that have the metric, the best first."""
        numbers = self._wanted.numbers
        known = [row for row in range(len(numbers)) if numbers[row] is not None]
        is_high = self._wanted.direction is Direction.MAX
        return sorted(known, key=lambda row: -(numbers[row] or 0.0) if is_high else numbers[row] or 0.0)

    # Scatter

    @cached_property
    def across(self) -> tuple[Column, Column]:
        """What the scatter plot runs over: time on x, the metric on y, unless others are chosen."""
        others = [column for column in self.frame.metrics if column != self.target]
        usual = next((column for column in others if column.name == DURATION), None) or next(
            iter([*others, *self.params]), self._wanted
        )
        return self.frame.named(self._choice.x) or usual, self.frame.named(self._choice.y) or self._wanted

    @cached_property
    def front(self) -> list[int]:
        """The rows that no other one beats in both."""
        x, y = self.across
        return pareto_front(x, y) if x.is_number and y.is_number else []

    @property
    def front_rows(self) -> list[TwinRow]:
        """The front as a table."""
        return [self._twin(row, self.across) for row in self.front]

    # Contour

    @cached_property
    def surface(self) -> tuple[Column, Column] | None:
        """The two params of the contour plot: numbers that say most."""
        numbers = [param for param in self.params if param.is_number]
        named = {param.name: param for param in numbers}
        x = named.get(self._choice.contour_x) or next(iter(numbers), None)
        y = named.get(self._choice.contour_y)
        y = y if y is not None and y != x else next((param for param in numbers if param != x), None)
        return (x, y) if x is not None and y is not None else None

    @property
    def surface_choices(self) -> list[Column]:
        """What a contour can run over."""
        return [param for param in self.params if param.is_number]

    @cached_property
    def grid(self) -> Grid | None:
        """The metric over the two."""
        return grid(*self.surface, self._wanted) if self.surface else None

    @property
    def surface_columns(self) -> list[Column]:
        """What the table beside it has."""
        return [*(self.surface or ()), self._wanted]

    @property
    def surface_rows(self) -> list[TwinRow]:
        """The best contenders with their places."""
        return [self._twin(row, self.surface_columns) for row in self.order[:TWIN_ROWS]]

    # Boxes and bars

    @property
    def box_choices(self) -> list[Column]:
        """Params with few values; categories first, for they have no other plot."""
        return sorted(filter(can_be_boxed, self.params), key=lambda param: param.is_number)

    @cached_property
    def by(self) -> Column | None:
        """The param of the boxes."""
        named = {param.name: param for param in self.box_choices}
        return named.get(self._choice.by) or next(iter(named.values()), None)

    @cached_property
    def boxes(self) -> list[Box]:
        """What the metric did at each value."""
        return boxes(self.by, self._wanted) if self.by is not None else []

    @property
    def target_columns(self) -> list[Column]:
        """What the table beside the bars has."""
        return [self._wanted]

    @property
    def bars(self) -> list[TwinRow]:
        """The best contenders by the metric."""
        return [self._twin(row, [self._wanted]) for row in self.order[:MOST_BARS]]

    # Correlation

    @cached_property
    def correlated(self) -> list[Column]:
        """Numbers: the metric, other metrics, then params that say most."""
        others = [column for column in self.frame.metrics if column != self.target]
        params = [param for param in self.params if param.is_number]
        half = MOST_CORRELATED // 2
        return [self._wanted, *others[: half - 1], *params[:half]]

    @cached_property
    def matrix(self) -> list[tuple[Column, list[float | None]]]:
        """Spearman's correlation of each with each."""
        return [(row, [signed(row, column) for column in self.correlated]) for row in self.correlated]

    def _twin(self, row: int, columns: Sequence[Column]) -> TwinRow:
        return TwinRow(self.frame.contenders[row].name, tuple(column.values[row] for column in columns))

    @property
    def data(self) -> dict[str, Any]:
        """What static/js/runs/compare/plots.js draws."""
        x, y = self.across
        contenders = self.frame.contenders
        return {
            "names": [contender.name for contender in contenders],
            "runs": [[run.run_id for run in contender.runs] for contender in contenders],
            "tokens": [contender.colour.token for contender in contenders],
            "target": _told(self._wanted),
            "parallel": {"axes": [_told(column) for column in self.axes]},
            "scatter": {"x": _told(x), "y": _told(y), "front": self.front},
            "contour": self._contour_data,
            "box": {
                "by": self.by.name if self.by else "",
                "boxes": [{"label": box.label, "five": box.five, "rows": box.rows} for box in self.boxes],
            },
            "bar": {"order": self.order[:MOST_BARS]},
            "correlation": {
                "names": [column.name for column in self.correlated],
                "rows": [values for _, values in self.matrix],
            },
        }

    @property
    def _contour_data(self) -> dict[str, Any] | None:
        if self.surface is None or self.grid is None:
            return None
        x, y = self.surface
        return {"x": _told(x), "y": _told(y), "xs": self.grid.xs, "ys": self.grid.ys, "values": self.grid.values}


def _told(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "kind": column.kind,
        "values": column.values,
        "categories": [] if column.is_number else column.categories,
        "better": column.direction or "",
    }
