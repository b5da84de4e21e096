"""Everything that is SQLite's alone: how we open it, cluster tables, serialise writers and back it up.

PostgreSQL needs none of this; each helper says what it does there.
"""

import sqlite3
import threading
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from django.db import connection, migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# auto_vacuum comes first: it takes effect in a new database only, and before anything is written to it.
_PRAGMAS = (
    "PRAGMA auto_vacuum=INCREMENTAL;"
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=NORMAL;"
    "PRAGMA cache_size=-16384;"
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA mmap_size=268435456;"
)


def options(lock_seconds: int) -> dict[str, Any]:
    """OPTIONS of the database. A write waits for its turn for `lock_seconds` at most.

    WAL lets pages be read while a script logs; IMMEDIATE takes the write lock at BEGIN, where SQLite waits for its
    turn, instead of failing later with "database is locked".
    """
    return {"timeout": lock_seconds, "transaction_mode": "IMMEDIATE", "init_command": _PRAGMAS}


_write_lock = threading.RLock()


def write_turn() -> AbstractContextManager[object]:
    """Let one thread of this process write at a time.

    Waiting here is fair and wakes at once; waiting in SQLite is sleeping and trying again, which made the slowest
    writes five times slower. Elsewhere than on SQLite it does nothing.
    """
    return _write_lock if connection.vendor == "sqlite" else nullcontext()


class ClusterByPrimaryKey(migrations.operations.base.Operation):
    """Rebuild a new, empty table WITHOUT ROWID, so that its rows lie in the order of its primary key.

    A later AlterField on the model quietly rebuilds the table with a rowid; tests/runs/test_tables.py looks for that.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, table: str) -> None:
        self.table = table

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """How a migration file would spell this operation."""
        return (type(self).__qualname__, [self.table], {})

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Models do not know how their rows lie."""

    def database_forwards(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, *states: Any) -> None:
        """Drop the empty table and make it again, clustered."""
        if schema_editor.connection.vendor != "sqlite":
            return
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", [self.table])
            (sql,) = cursor.fetchone()
        schema_editor.execute(f'DROP TABLE "{self.table}"')
        schema_editor.execute(f"{sql} WITHOUT ROWID")

    def database_backwards(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, *states: Any) -> None:
        """Nothing to undo: the table goes with its CreateModel."""

    def describe(self) -> str:
        """One line for `migrate --plan`."""
        return f"Cluster {self.table} by its primary key (SQLite)"


#: Pages that one step gives back: some 10 ms of the write lock.
_PAGES_A_STEP = 500


def give_back_some() -> bool:
    """Give some free pages of the database back to the disk; False when there are none. PostgreSQL does so itself."""
    # Inside a transaction executescript would commit it.
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return False
    free = _free_pages()
    if not free:
        return False
    with write_turn():
        # executescript steps to the end of the pragma, where execute would stop after a page.
        connection.connection.executescript(f"PRAGMA incremental_vacuum({_PAGES_A_STEP})")
    return _free_pages() < free


def _free_pages() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA freelist_count")
        return int(cursor.fetchone()[0])


def learn_to_give_back() -> None:
    """Let a database that was made before it could give pages back. It is rewritten once, while nobody else is here."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA auto_vacuum")
        gives_back = cursor.fetchone()[0] != 0
    if not gives_back:
        compact()


def compact() -> None:
    """Rewrite the database without the gaps that deleted rows left within pages. Nobody writes meanwhile."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")


def backup(source: Path, target: Path) -> None:
    """Copy a database that may be in use, whole and consistent (SQLite's online backup)."""
    with sqlite3.connect(source) as reading, sqlite3.connect(target) as writing:
        reading.backup(writing)
    reading.close()
    writing.close()
