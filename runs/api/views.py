"""Native API of runs: check the shape, call the model, answer."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments.models import Experiment
from runs import ingest, paging
from runs.api import answers
from runs.api.serializers import NewRun, RunChanges, RunDetailAnswer, RunPage
from runs.creating import experiment_for, put_run
from runs.models import Run
from trackerweb.api import INT64_MAX, whole_number
from trackerweb.clock import now_ms
from trackerweb.errors import InvalidValue
from trackerweb.transactions import write_transaction


def answer(run: Run, status: HTTPStatus = HTTPStatus.OK, with_source: bool = False) -> Response:
    """One run, with what it ran in; the texts of its source only where they are wanted."""
    told = run.environment
    environment = None if told is None else told.whole_content if with_source else told.content
    return Response(answers.as_json([run])[0] | {"environment": environment}, status=status)


class RunList(APIView):
    """`runs/`."""

    @extend_schema(
        operation_id="runs_list",
        parameters=[
            OpenApiParameter("experiment", int, many=True, description="experiment ids; all when left out"),
            OpenApiParameter(
                "filter", description="search language, such as `metrics.loss < 0.1 AND params.lr = '0.1'`"
            ),
            OpenApiParameter(
                "order_by", many=True, description="such as `metrics.loss ASC`; newest first is the default"
            ),
            OpenApiParameter("columns", many=True, description="such as `params.lr`; all when left out"),
            OpenApiParameter("limit", int, description="1 to 1000; 100 is the default"),
            OpenApiParameter("cursor", description="next_cursor or previous_cursor of another page"),
        ],
        responses=RunPage,
    )
    def get(self, request: Request) -> Response:
        """Search active runs, a page at a time."""
        query = request.query_params
        runs = Run.objects.active().in_experiments(experiment_ids(query.getlist("experiment")))
        found = runs.search(query.get("filter", ""), query.getlist("order_by"))
        limit = whole_number(request, "limit", 100, 1, 1000) or 100
        page = paging.page(found, query.get("cursor") or None, limit)
        columns = query.getlist("columns") or None
        return Response(
            {
                "runs": answers.as_json(page.items, columns),
                "next_cursor": page.next_cursor,
                "previous_cursor": page.previous_cursor,
            }
        )


def experiment_ids(texts: list[str]) -> list[int] | None:
    """The experiments that a query names; None for all.

    Errors: InvalidValue.
    """
    for text in texts:
        if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= INT64_MAX):
            raise InvalidValue(f"experiment={text[:40]!r} is no experiment id.", field="experiment")
    return [int(text) for text in texts] or None


class RunDetail(APIView):
    """`runs/{run_id}/`."""

    @extend_schema(
        operation_id="runs_get",
        parameters=[OpenApiParameter("source", int, description="1 for the texts of its source, in `environment`")],
        responses=RunDetailAnswer,
    )
    def get(self, request: Request, run_id: str) -> Response:
        """One run, trashed or not."""
        return answer(Run.objects.by_id(run_id), with_source=request.query_params.get("source") == "1")

    @extend_schema(operation_id="runs_put", request=NewRun, responses={200: RunDetailAnswer, 201: RunDetailAnswer})
    def put(self, request: Request, run_id: str) -> Response:
        """Make a run with an id of the client's, or confirm that it is there. Sent twice, one run."""
        serializer = NewRun(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields: dict[str, Any] = serializer.validated_data
        with write_transaction():
            run, made = put_run(run_id, _home(run_id, fields), **fields)
        return answer(run, HTTPStatus.CREATED if made else HTTPStatus.OK)

    @extend_schema(operation_id="runs_change", request=RunChanges, responses=RunDetailAnswer)
    def patch(self, request: Request, run_id: str) -> Response:
        """Change what the body names."""
        serializer = RunChanges(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields: dict[str, Any] = serializer.validated_data
        if "status" in fields:
            fields.setdefault("end_time", now_ms() if fields["status"] in ingest.ENDED else None)
        run = Run.objects.by_id(run_id)
        run.require_active()
        run.change(**fields)
        return answer(run)

    @extend_schema(operation_id="runs_trash", responses=RunDetailAnswer)
    def delete(self, request: Request, run_id: str) -> Response:
        """Move it and its children to the trash."""
        run = Run.objects.by_id(run_id)
        run.trash()
        return answer(run)


def _home(run_id: str, fields: dict[str, Any]) -> Experiment | None:
    """Where a run that is put belongs."""
    if "experiment" in fields:
        return experiment_for(run_id, fields.pop("experiment"))
    return chosen_experiment(fields)


def chosen_experiment(fields: dict[str, Any]) -> Experiment | None:
    """The experiment that a body names, by name (made if there is none) or id; taken out of `fields`."""
    name, experiment_id = fields.pop("experiment", None), fields.pop("experiment_id", None)
    if name is not None:
        return Experiment.objects.get_or_add(name)[0]
    return None if experiment_id is None else Experiment.objects.by_id(experiment_id)


class RunRestore(APIView):
    """`runs/{run_id}/restore/`."""

    @extend_schema(operation_id="runs_restore", request=None, responses=RunDetailAnswer)
    def post(self, request: Request, run_id: str) -> Response:
        """Take it, and the children that went with it, out of the trash."""
        run = Run.objects.by_id(run_id)
        run.restore()
        return answer(run)
