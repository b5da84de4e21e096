"""Queries whose SQL is built once. For one row by its key, Django takes ten times as long to build the query as the
database takes to answer it; what scripts ask hundreds of times a second goes this way.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, models


class Prepared:
    """A query for one row and, in the same row, one that it has a key to.

    `queryset` makes the query, given any values for its exact lookups; `related` names the key that it selects along.
    """

    def __init__(self, queryset: Callable[..., "models.QuerySet[Any]"], *examples: Any, related: str = "") -> None:
        self._queryset, self._examples, self._related = queryset, examples, related

    def first(self, *values: Any) -> Any | None:
        """The row for these values of the lookups, in their order."""
        with connection.cursor() as cursor:
            try:
                cursor.execute(self._sql, values)
            except OverflowError:
                # A number that no column can hold.
                return None
            row = cursor.fetchone()
        return None if row is None else self._instance(row)

    @cached_property
    def _made(self) -> "models.QuerySet[Any]":
        found = self._queryset(*self._examples)
        return (found.select_related(self._related) if self._related else found)[:1]

    @cached_property
    def _sql(self) -> str:
        sql, params = self._made.query.sql_with_params()
        assert len(params) == len(self._examples)
        return sql

    @cached_property
    def _columns(self) -> list[str]:
        return [field.attname for field in self._made.model._meta.concrete_fields]

    @cached_property
    def _other(self) -> tuple[type[models.Model], list[str]]:
        model: Any = self._made.model._meta.get_field(self._related).related_model
        return model, [field.attname for field in model._meta.concrete_fields]

    def _instance(self, row: tuple[Any, ...]) -> Any:
        count = len(self._columns)
        found = self._made.model.from_db(DEFAULT_DB_ALIAS, self._columns, row[:count])
        if self._related:
            model, columns = self._other
            setattr(found, self._related, model.from_db(DEFAULT_DB_ALIAS, columns, row[count:]))
        return found
