"""Runs: `runs/create`, `get`, `update`, `delete`, `restore`, `search`."""

import uuid
from typing import Any, ClassVar

from mlflow_api import answers, limits
from mlflow_api.endpoint import endpoint
from mlflow_api.experiments import experiment_by_id, id_of
from mlflow_api.messages import Int64, Message, Pair, RunMessage, enum_of, texts_of
from mlflow_api.view_types import in_view
from runs import paging
from runs.creating import put_run
from runs.models import Run, RunStatus
from runs.search.languages import SPELLED_OUT
from runs.system_tags import RUN_NAME
from trackerweb.errors import InvalidValue

STATUSES = tuple(RunStatus.values)
PAGE, MAX_PAGE = 1000, 50_000


class CreateRun(Message):
    """`runs/create`."""

    experiment_id: str | None = None
    user_id: str | None = None
    run_name: str | None = None
    start_time: Int64 | None = None
    tags: list[Pair] | None = None


class UpdateRun(RunMessage):
    """`runs/update`."""

    status: str | int | None = None
    end_time: Int64 | None = None
    run_name: str | None = None


class SearchRuns(Message):
    """`runs/search`."""

    experiment_ids: list[str] | None = None
    filter: str | None = None
    run_view_type: str | int | None = None
    max_results: Int64 | None = None
    order_by: list[str] | None = None
    page_token: str | None = None


class DeleteRun(Message):
    """`runs/delete` and `restore`, which know no `run_uuid`."""

    required: ClassVar[tuple[str, ...]] = ("run_id",)

    run_id: str | None = None


@endpoint(CreateRun)
def create(message: CreateRun) -> dict[str, Any]:
    """Make a run with an id of ours."""
    tags = texts_of(message.tags, "tags")
    limits.check_names(tags, "key")
    fields: dict[str, Any] = {"name": _one_name(message.run_name, tags), "user": message.user_id or ""}
    if message.start_time:
        fields["start_time"] = message.start_time
    run, _ = put_run(new_run_id(), experiment_by_id(message.experiment_id), tags=tags, **fields)
    return {"run": answers.new_run(run, tags)}


def new_run_id() -> str:
    """An id for a run that a client has made without one."""
    return uuid.uuid4().hex


def _one_name(name: str | None, tags: dict[str, str]) -> str:
    """The name, which may come as a field, as a tag, or as both.

    Errors: InvalidValue when these differ.
    """
    tagged = tags.pop(RUN_NAME, "")
    if name and tagged and name != tagged:
        raise InvalidValue(f"run_name is {name!r}, but the tag {RUN_NAME} is {tagged!r}. Send one of them.")
    return name or tagged


@endpoint(RunMessage)
def get(message: RunMessage) -> dict[str, Any]:
    """One run with all that was logged to it, trashed or not."""
    return {"run": answers.runs([Run.objects.by_id(message.run_id or "")])[0]}


@endpoint(UpdateRun)
def update(message: UpdateRun) -> dict[str, Any]:
    """Change its status, its end or its name."""
    status = enum_of(message.status, STATUSES, "status")
    said = {"status": status, "end_time": message.end_time, "name": message.run_name or None}
    run = Run.objects.by_id(message.run_id or "")
    run.require_active()
    run.report(**{name: value for name, value in said.items() if value is not None})
    return {"run_info": answers.run_info(run)}


@endpoint(DeleteRun)
def delete(message: DeleteRun) -> dict[str, Any]:
    """Move it, and its children, to the trash."""
    Run.objects.by_id(message.run_id or "").trash()
    return {}


@endpoint(DeleteRun)
def restore(message: DeleteRun) -> dict[str, Any]:
    """Take it out of the trash."""
    Run.objects.by_id(message.run_id or "").restore()
    return {}


@endpoint(SearchRuns)
def search(message: SearchRuns) -> dict[str, Any]:
    """A page of runs of the experiments that are named; of none when none is."""
    limit = PAGE if message.max_results is None else message.max_results
    if not 0 < limit <= MAX_PAGE:
        raise InvalidValue(f"max_results is {limit}; it has to be between 1 and {MAX_PAGE}.", field="max_results")
    chosen = Run.objects.in_experiments([id_of(text) for text in message.experiment_ids or ()])
    found = in_view(chosen, message.run_view_type, "run_view_type").select_related("experiment")
    page = paging.page(
        found.search(message.filter or "", message.order_by or (), SPELLED_OUT), message.page_token or None, limit
    )
    body: dict[str, Any] = {"runs": answers.runs(page.items)} if page.items else {}
    return body | ({"next_page_token": page.next_cursor} if page.next_cursor else {})
