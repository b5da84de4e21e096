"""Native API of corrections: move, copy, params, tags and metrics of a run, and many runs at once."""

from http import HTTPStatus
from typing import Any, cast

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments.models import Experiment
from runs.api.serializers import (
    BulkMove,
    ChangedRuns,
    CopyTarget,
    MoveTarget,
    RunDetailAnswer,
    RunIds,
    TextValue,
)
from runs.api.views import answer, chosen_experiment
from runs.bulk import chosen_runs, restore_runs, trash_runs
from runs.correcting import correct_param, cut_metric, delete_metric, delete_param
from runs.models import Run
from runs.moving import copy_run, move_runs
from trackerweb.api import INT64_MAX, StrictSerializer, whole_number
from trackerweb.errors import InvalidValue
from trackerweb.transactions import write_transaction


class RunMove(APIView):
    """`runs/{run_id}/move/`."""

    @extend_schema(operation_id="runs_move", request=MoveTarget, responses=RunDetailAnswer)
    def post(self, request: Request, run_id: str) -> Response:
        """Move a run and its descendants to another experiment."""
        fields = _checked(MoveTarget, request)
        with write_transaction():
            run = Run.objects.by_id(run_id)
            run.require_active()
            move_runs([run], _target(fields))
        return answer(Run.objects.by_id(run_id))


class RunCopy(APIView):
    """`runs/{run_id}/copy/`."""

    @extend_schema(operation_id="runs_copy", request=CopyTarget, responses={201: RunDetailAnswer})
    def post(self, request: Request, run_id: str) -> Response:
        """Copy a run with all it holds; its tag `copied_from` names the origin. Sent twice, it makes two copies."""
        fields = _checked(CopyTarget, request)
        run = Run.objects.by_id(run_id)
        run.require_active()
        copy = copy_run(run, chosen_experiment(fields), **fields)
        return answer(copy, HTTPStatus.CREATED)


class ParamDetail(APIView):
    """`runs/{run_id}/params/{key}/`."""

    @extend_schema(operation_id="params_correct", request=TextValue, responses=RunDetailAnswer)
    def put(self, request: Request, run_id: str, key: str) -> Response:
        """Give a param that is there another value. New ones are logged with `runs/{run_id}/log/`."""
        value = _checked(TextValue, request)["value"]
        run = Run.objects.by_id(run_id)
        correct_param(run, key, value)
        return answer(run)

    @extend_schema(operation_id="params_delete", responses=RunDetailAnswer)
    def delete(self, request: Request, run_id: str, key: str) -> Response:
        """Remove a param."""
        run = Run.objects.by_id(run_id)
        delete_param(run, key)
        return answer(run)


class TagDetail(APIView):
    """`runs/{run_id}/tags/{key}/`."""

    @extend_schema(operation_id="tags_set", request=TextValue, responses=RunDetailAnswer)
    def put(self, request: Request, run_id: str, key: str) -> Response:
        """Set a tag; the audit trail keeps the value before."""
        value = _checked(TextValue, request)["value"]
        with write_transaction():
            run = Run.objects.by_id(run_id)
            run.require_active()
            run.set_tag(key, value)
        return answer(run)

    @extend_schema(operation_id="tags_delete", responses=RunDetailAnswer)
    def delete(self, request: Request, run_id: str, key: str) -> Response:
        """Remove a tag; fine if there is none."""
        with write_transaction():
            run = Run.objects.by_id(run_id)
            run.require_active()
            run.delete_tag(key)
        return answer(run)


class MetricDetail(APIView):
    """`runs/{run_id}/metrics/{key}/`."""

    @extend_schema(
        operation_id="metrics_delete",
        parameters=[OpenApiParameter("from_step", int, description="only the points of this step and later ones")],
        responses=RunDetailAnswer,
    )
    def delete(self, request: Request, run_id: str, key: str) -> Response:
        """Delete a series, or its tail."""
        from_step = _from_step(request)
        run = Run.objects.by_id(run_id)
        if from_step is None:
            delete_metric(run, key)
        else:
            cut_metric(run, key, from_step)
        return answer(run)


def _from_step(request: Request) -> int | None:
    """Where to cut; None to delete all.

    Errors: InvalidValue for anything else in the query, so that no slip of the pen deletes a whole series.
    """
    unknown = sorted(set(request.query_params) - {"from_step"})
    if unknown:
        raise InvalidValue(f"{unknown[0][:40]!r} is not known here. Known: from_step.", field=unknown[0])
    step = whole_number(request, "from_step", None, -(2**63), INT64_MAX)
    if step is None and request.query_params:
        raise InvalidValue("from_step is empty. Name a step, or leave it out to delete the series.", field="from_step")
    return step


class BulkMoveRuns(APIView):
    """`bulk/runs/move/`."""

    @extend_schema(operation_id="bulk_runs_move", request=BulkMove, responses=ChangedRuns)
    def post(self, request: Request) -> Response:
        """Move runs and their descendants, all or none; the error names the first that can't be, by index."""
        fields = _checked(BulkMove, request)
        with write_transaction():
            return _changed(move_runs(chosen_runs(fields["run_ids"]), _target(fields)))


class BulkTrashRuns(APIView):
    """`bulk/runs/trash/`."""

    @extend_schema(operation_id="bulk_runs_trash", request=RunIds, responses=ChangedRuns)
    def post(self, request: Request) -> Response:
        """Move runs and their descendants to the trash, all or none."""
        return _changed(trash_runs(_checked(RunIds, request)["run_ids"]))


class BulkRestoreRuns(APIView):
    """`bulk/runs/restore/`."""

    @extend_schema(operation_id="bulk_runs_restore", request=RunIds, responses=ChangedRuns)
    def post(self, request: Request) -> Response:
        """Take runs out of the trash, with what went with them, all or none."""
        return _changed(restore_runs(_checked(RunIds, request)["run_ids"]))


def _checked(kind: type[StrictSerializer], request: Request) -> dict[str, Any]:
    serializer = kind(data=request.data)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


def _target(fields: dict[str, Any]) -> Experiment:
    # MoveTarget made sure that there is one.
    return cast("Experiment", chosen_experiment(fields))


def _changed(runs: list[Run]) -> Response:
    return Response({"run_ids": [run.run_id for run in runs]})
