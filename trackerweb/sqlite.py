"""Everything that is SQLite's alone: how we open it, cluster tables, serialise writers and back it up.

PostgreSQL needs none of this; each helper says what it does there.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection, migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from trackerweb.turns import Turns

# auto_vacuum comes first: it takes effect in a new database only, and before anything is written to it.
_PRAGMAS = (
    "PRAGMA auto_vacuum=INCREMENTAL;"
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=NORMAL;"
    "PRAGMA cache_size=-16384;"
    "PRAGMA temp_store=MEMORY;"
)


def options(lock_seconds: int) -> dict[str, Any]:
    """OPTIONS of the database. A write waits for its turn for `lock_seconds` at most.

    WAL lets pages be read while a script logs; IMMEDIATE takes the write lock at BEGIN, where SQLite waits for its
    turn, instead of failing later with "database is locked".
    """
    return {"timeout": lock_seconds, "transaction_mode": "IMMEDIATE", "init_command": _PRAGMAS}


def place() -> Path | None:
    """Where the database lies; None where it is no file: elsewhere than on SQLite, and in memory, as for tests."""
    name = str(connection.settings_dict["NAME"])
    in_memory = name == ":memory:" or name.startswith("file:")
    return None if connection.vendor != "sqlite" or in_memory else Path(name)


@cache
def _turns(at: Path | None) -> Turns:
    return Turns(at)


def write_turn() -> AbstractContextManager[object]:
    """Let one thread of one process write at a time.

    Waiting here is fair and wakes at once; waiting in SQLite is sleeping and trying again, which made the slowest
    writes five times slower. And whoever commits may copy the log of changes into the database: until 3.51.3, SQLite
    may lose pages when a second process begins that in the moment in which a first one ends it (sqlite.org/wal.html,
    "The WAL-Reset Bug"). Elsewhere than on SQLite it does nothing.
    """
    if connection.vendor != "sqlite":
        return nullcontext()
    return _turns(place()).turn(connection.settings_dict["OPTIONS"]["timeout"])


def leave_checkpoints_to_the_server() -> None:
    """Let this thread's connection never copy the log of changes into the database: for a command that mostly reads
    beside a server, and need not wait for a turn to do so.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_autocheckpoint = 0")


@contextmanager
def one_state() -> Iterator[None]:
    """Let several reads see one state of the database, while others write. No writer waits for it.

    Inside a transaction there is one state already. Elsewhere than on SQLite it does nothing.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        # Not atomic(), which would take the write lock.
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("COMMIT")


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


def learn_sizes() -> None:
    """Let the planner of queries learn, from a sample of each index, how many rows there are and how often keys repeat.

    It takes some milliseconds, and makes selective searches of 100,000 runs ten times faster. PostgreSQL does so
    itself.
    """
    if connection.vendor == "sqlite":
        with write_turn(), connection.cursor() as cursor:
            cursor.execute("PRAGMA analysis_limit = 1000")
            cursor.execute("ANALYZE")


def compact() -> None:
    """Rewrite the database without the gaps that deleted rows left within pages. Nobody writes meanwhile."""
    if connection.vendor == "sqlite":
        with write_turn(), connection.cursor() as cursor:
            cursor.execute("VACUUM")


#: Pages that one step of a copy takes.
_COPY_PAGES = 2048


def backup(source: Path, target: Path, tell: Callable[[int, int, int], object] | None = None) -> None:
    """Copy a database that may be in use, whole and consistent (SQLite's online backup), into one file.

    `tell` is called with a status, the pages left and the pages in all.
    """
    with (
        closing(sqlite3.connect(source, isolation_level=None)) as reading,
        closing(sqlite3.connect(target, isolation_level=None)) as writing,
    ):
        # One state for all steps, which holds up no writer: without it, each write between two steps would begin the
        # copy anew, and a busy server would never let it end.
        reading.execute("BEGIN")
        reading.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        reading.backup(writing, pages=_COPY_PAGES, progress=tell)
        writing.execute("PRAGMA journal_mode=DELETE")


def fault_of(database: sqlite3.Connection) -> str | None:
    """What SQLite's own check of every page and index finds first; None when nothing is wrong."""
    (said,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    return None if said == "ok" else said


def row_counts(database: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table has."""
    named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    tables = [name for (name,) in database.execute(named)]
    return {name: _row_count(database, name) for name in tables}


def _row_count(database: sqlite3.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    return int(database.execute(f'SELECT COUNT(*) FROM "{quoted}"').fetchone()[0])
