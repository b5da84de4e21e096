"""The door to every write: one transaction, one writer at a time where the database wants that."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from trackerweb import sqlite


@contextmanager
def write_transaction() -> Iterator[None]:
    """All that is written inside is stored, or none of it. Reads need no transaction: it would take the write lock."""
    with sqlite.write_turn(), transaction.atomic():
        yield
