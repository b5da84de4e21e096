"""Exports on the native API: files that are made while they are sent."""

from collections.abc import Iterator

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from experiments.models import Experiment
from exporting.mlruns.names import PORTABLE
from exporting.mlruns.writing import MlrunsWriter
from exporting.points import csv_pieces
from exporting.tables import FORMATS, RunTable
from exporting.tree import zip_pieces
from runs.api.views import experiment_ids
from runs.models import Metric, Run
from trackerweb.errors import InvalidValue, NotFound

#: Unpacked, a zip is a folder `mlruns`, from beside which MLflow finds its files.
LOCATION = "./mlruns"


def _sent(pieces: Iterator[bytes], media_type: str, name: str) -> HttpResponseBase:
    response = StreamingHttpResponse(pieces, content_type=media_type)
    response["Content-Disposition"] = str(content_disposition_header(True, name))
    return response


class RunsFile(APIView):
    """`export/runs.{format}`."""

    @extend_schema(
        operation_id="export_runs",
        parameters=[
            OpenApiParameter("kind", location="path", enum=list(FORMATS)),
            OpenApiParameter("experiment", int, many=True, description="experiment ids; all when left out"),
            OpenApiParameter("filter", description="search language, as of `runs/`"),
            OpenApiParameter("order_by", many=True, description="such as `metrics.loss ASC`"),
        ],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, kind: str) -> HttpResponseBase:
        """All active runs that a search finds as a table: csv, json or parquet."""
        if kind not in FORMATS:
            raise NotFound(f"There is no export as {kind[:40]!r}; there is {', '.join(FORMATS)}.", field="kind")
        query = request.query_params
        runs = Run.objects.active().in_experiments(experiment_ids(query.getlist("experiment")))
        table = RunTable(runs.search(query.get("filter", ""), query.getlist("order_by")))
        return _sent(FORMATS[kind].pieces(table), FORMATS[kind].media_type, f"runs.{kind}")


class MetricsFile(APIView):
    """`export/metrics.csv`."""

    @extend_schema(
        operation_id="export_metrics",
        parameters=[
            OpenApiParameter("run", many=True, required=True, description="run ids"),
            OpenApiParameter("key", many=True, required=True, description="metric keys"),
        ],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Every point of some series of some runs as CSV, nothing thinned."""
        runs, keys = (request.query_params.getlist(name) for name in ("run", "key"))
        for name, given in (("run", runs), ("key", keys)):
            if not given:
                raise InvalidValue(f"Say which {name}: ?run=…&key=…", field=name)
        metrics = list(Metric.objects.of_runs(runs, keys))
        return _sent(csv_pieces(metrics), "text/csv; charset=utf-8", "metrics.csv")


class ExperimentFile(APIView):
    """`export/experiments/{experiment_id}.zip`."""

    @extend_schema(operation_id="export_experiment", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, experiment_id: int) -> HttpResponseBase:
        """An experiment with all its runs, models and files, as a zip that MLflow and `imports/` read."""
        experiment = Experiment.objects.by_id(experiment_id)
        return _zip([experiment], None, f"experiment-{experiment_id}.zip")


class RunFile(APIView):
    """`export/runs/{run_id}.zip`."""

    @extend_schema(operation_id="export_run", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, run_id: str) -> HttpResponseBase:
        """A run with its models and files, as a zip that MLflow and `imports/` read."""
        run = Run.objects.by_id(run_id)
        return _zip([run.experiment], Run.objects.filter(pk=run.pk), f"run-{run_id}.zip")


def _zip(experiments: list[Experiment], runs: object, name: str) -> HttpResponseBase:
    writer = MlrunsWriter(LOCATION, PORTABLE)
    return _sent(zip_pieces(writer.files(experiments, runs), "mlruns"), "application/zip", name)
