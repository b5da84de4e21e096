"""Which stages of life a search looks at."""

from typing import Any

from mlflow_api.messages import enum_of

VIEW_TYPES = ("ACTIVE_ONLY", "DELETED_ONLY", "ALL")


def in_view(rows: Any, view_type: str | int | None, place: str) -> Any:
    """Experiments or runs that are active, in the trash, or either; active ones when nothing is said.

    Errors: InvalidValue.
    """
    chosen = enum_of(view_type, VIEW_TYPES, place) or "ACTIVE_ONLY"
    return {"ACTIVE_ONLY": rows.active, "DELETED_ONLY": rows.trashed, "ALL": rows.kept}[chosen]()
