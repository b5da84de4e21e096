"""Cuts a search into pages by where the last one ended, so that page 1,000 costs what page 1 does."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import Q

from runs.querysets import RunQuerySet
from runs.search.sorting import SortColumn, ordering
from trackerweb.errors import InvalidValue


@dataclass(frozen=True)
class Page:
    """Things in order; the cursors lead to the pages beside it and are None at the ends."""

    items: list[Any]
    next_cursor: str | None
    previous_cursor: str | None


def page(found: RunQuerySet, cursor: str | None, size: int) -> Page:
    """The page that `cursor` leads to, of the result of `Run.objects.search()`; the first one for None.

    Errors: InvalidValue for a cursor that is not ours, or of another order.
    """
    return page_along(found, found.sort_columns, cursor, size)


def cursor_behind(found: RunQuerySet, place: int) -> str | None:
    """The cursor to the page behind the first `place` things; None for none, or beyond the end."""
    columns = found.sort_columns
    item = found[place - 1 : place].first() if place > 0 else None
    return None if item is None else _write(columns, item, False)


def page_along(found: Any, columns: Sequence[SortColumn], cursor: str | None, size: int) -> Page:
    """The same of any queryset and the columns that it is sorted by."""
    place, backwards = _read(cursor, columns) if cursor else (None, False)
    if place is not None:
        found = found.filter(_beyond(columns, place, backwards))
    items = list(found.order_by(*ordering(columns, backwards))[: size + 1])
    more = len(items) > size
    items = items[:size]
    if backwards:
        items.reverse()
    has_next, has_previous = (True, more) if backwards else (more, place is not None)
    return Page(
        items,
        next_cursor=_write(columns, items[-1], False) if items and has_next else None,
        previous_cursor=_write(columns, items[0], True) if items and has_previous else None,
    )


def _beyond(columns: Sequence[SortColumn], place: Sequence[Any], backwards: bool) -> Q:
    """What lies behind `place` in the order, or before it."""
    condition, equal = Q(pk__in=[]), Q()
    # Says nothing new, but lets the database begin at this place of an index.
    first = columns[0]
    bound = Q() if first.may_be_empty else Q(**{f"{first.name}__{_lookup(first, backwards)}e": place[0]})
    for column, value in zip(columns, place, strict=True):
        further = _further(column, value, backwards)
        if further is not None:
            condition |= equal & further
        equal &= Q(**{f"{column.name}__isnull": True}) if value is None else Q(**{column.name: value})
    return bound & condition


def _further(column: SortColumn, value: Any, backwards: bool) -> Q | None:
    """What comes after `value` in one column, where empty comes last; None for nothing."""
    if value is None:
        return Q(**{f"{column.name}__isnull": False}) if backwards else None
    further = Q(**{f"{column.name}__{_lookup(column, backwards)}": value})
    return further | Q(**{f"{column.name}__isnull": True}) if column.may_be_empty and not backwards else further


def _lookup(column: SortColumn, backwards: bool) -> str:
    return "lt" if column.descending != backwards else "gt"


def _fingerprint(columns: Sequence[SortColumn]) -> str:
    return hashlib.sha256(repr(columns).encode()).hexdigest()[:8]


def _signer() -> Signer:
    # Signed, so that what a cursor says of the columns' values needs no checking. Without the time: an unchanged
    # page has an unchanged address.
    return Signer(sep="~", salt="runs.paging")


def _write(columns: Sequence[SortColumn], item: Any, backwards: bool) -> str:
    place = [getattr(item, column.name) for column in columns]
    return _signer().sign_object([_fingerprint(columns), backwards, *place], compress=True)


def _read(cursor: str, columns: Sequence[SortColumn]) -> tuple[list[Any], bool]:
    try:
        fingerprint, backwards, *place = _signer().unsign_object(cursor)
    except (BadSignature, UnicodeError):
        raise InvalidValue("cursor: this is no cursor of ours. Begin again without one.", field="cursor") from None
    if fingerprint != _fingerprint(columns):
        raise InvalidValue("cursor: this one belongs to another order. Begin again without one.", field="cursor")
    return place, backwards
