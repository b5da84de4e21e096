"""Native API of series: many runs of a few keys in one answer, as thin as the drawing needs."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from runs import history
from runs.api.serializers import HistoryAnswer
from runs.models import Metric
from trackerweb import json
from trackerweb.api import INT64_MAX, whole_number, whole_numbers
from trackerweb.errors import InvalidValue

MAX_SERIES = 1000
MAX_POINTS = 50_000


class MetricSeries(APIView):
    """`metrics/`."""

    @extend_schema(
        operation_id="metrics_series",
        parameters=[
            OpenApiParameter("run", many=True, required=True, description="run ids"),
            OpenApiParameter("key", many=True, required=True, description="metric keys"),
            OpenApiParameter("points", int, description="about how many a series, 4 to 50000; 1000 is the default"),
            OpenApiParameter(
                "from", int, many=True, description="first step (or ms, of a series by time): one for all, or one a run"
            ),
            OpenApiParameter("to", int, many=True, description="last step (or ms): one for all, or one a run"),
            OpenApiParameter("x", description="another metric, whose value at each point is answered as `x`"),
        ],
        responses=HistoryAnswer,
    )
    def get(self, request: Request) -> Response:
        """Series of runs, thinned with every first, last, lowest and highest point kept; exact when they fit."""
        query = request.query_params
        for name in ("run", "key"):
            if not query.getlist(name):
                raise InvalidValue(f"Say which {name}: ?run=…&key=…", field=name)
        runs = query.getlist("run")
        metrics = list(Metric.objects.of_runs(runs, query.getlist("key"))[: MAX_SERIES + 1])
        if len(metrics) > MAX_SERIES:
            raise InvalidValue(f"That is more than {MAX_SERIES} series. Ask for fewer runs or keys.", field="run")
        limit = whole_number(request, "points", 1000, 4, MAX_POINTS) or 1000
        starts, ends = _bounds(request, "from", runs), _bounds(request, "to", runs)
        windows = [(metric, starts.get(metric.run.run_id), ends.get(metric.run.run_id)) for metric in metrics]
        return Response(_columns(history.read_windows(windows, limit), _along(query.get("x", ""), runs)))


def _bounds(request: Request, name: str, runs: list[str]) -> dict[str, int]:
    """One end of the window of each run.

    Errors: InvalidValue for a number of values that fits neither all runs nor each.
    """
    given = whole_numbers(request, name, -(2**63), INT64_MAX)
    if len(given) == 1:
        given *= len(runs)
    if given and len(given) != len(runs):
        raise InvalidValue(f"{name}: {len(given)} values for {len(runs)} runs. Give one, or one a run.", field=name)
    return dict(zip(runs, given, strict=True)) if given else {}


def _along(key: str, runs: list[str]) -> dict[str, Metric]:
    """The series that is the axis, by run."""
    return {metric.run.run_id: metric for metric in Metric.objects.of_runs(runs, [key])} if key else {}


def _columns(histories: list[history.History], along: dict[str, Metric]) -> bytes:
    return json.encode({"series": [_series(item, along.get(item.metric.run.run_id)) for item in histories]})


def _series(item: history.History, axis: Metric | None) -> dict[str, Any]:
    told = item.columns(item.metric.run.run_id)
    return told if axis is None else told | {"x": history.values_along(axis, item)}
