"""The database as SQLite sees it: its pages, its indexes, and rows that name rows which are not there."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db import DatabaseError, connection

from runs.checking.finding import Finding, Scope, note
from trackerweb.transactions import write_transaction

RESTORE = "Restore a backup (docs/backup.md)."
_MOST = 100
_OF_INDEX = re.compile(r"(?:missing from|entries in) index (\w+)")
#: Told run by run by another check.
_ELSEWHERE = ("runs_run", "experiment_id")


def integrity(scope: Scope) -> Iterator[Finding]:
    """SQLite's own check of every page; the quick one passes over indexes."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {'quick_check' if scope.quick else 'integrity_check'}({_MOST})")
        said = [text for (text,) in cursor.fetchall() if text != "ok"]
    by_index: dict[str, list[str]] = defaultdict(list)
    for text in said:
        found = _OF_INDEX.search(text)
        by_index[found[1] if found else ""].append(text)
    for text in by_index.pop("", []):
        yield Finding("the database", text, RESTORE)
    for index, texts in by_index.items():
        what = f"{texts[0]}; {len(texts)} such" if len(texts) > 1 else texts[0]
        yield Finding(f"index {index}", what, "--repair builds it again.", partial(_reindex, index))


def _reindex(index: str) -> bool:
    try:
        with write_transaction(), connection.cursor() as cursor:
            cursor.execute(f'REINDEX "{index}"')
            note("index", index, index, {})
    except DatabaseError:
        # Rows that a unique index would have refused: a person has to choose.
        return False
    return True


def foreign_keys(scope: Scope) -> Iterator[Finding]:
    """Rows that name a row which is not there. What hangs on nothing can be seen by nobody."""
    if connection.vendor != "sqlite":
        return
    for (table, parent, number), count in _violations().items():
        column, target = _key(table, number)
        if (table, column) == _ELSEWHERE:
            continue
        condition = (
            f'"{column}" IS NOT NULL AND NOT EXISTS '
            f'(SELECT 1 FROM "{parent}" WHERE "{parent}"."{target}" = "{table}"."{column}")'
        )
        yield Finding(
            f"table {table}",
            f"{count} rows name a row of {parent} that is not there, by {column}",
            "--repair sets it to none." if _may_be_none(table, column) else "--repair deletes them.",
            partial(_cut_loose, table, column, condition),
        )


def _violations() -> "Counter[tuple[str, str, int]]":
    """How often each foreign key (table, parent, its number) leads nowhere."""
    found: Counter[tuple[str, str, int]] = Counter()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_key_check")
        while rows := cursor.fetchmany(10_000):
            found.update((table, parent, number) for table, _, parent, number in rows)
    return found


def _key(table: str, number: int) -> tuple[str, str]:
    """The column of a foreign key, and the one it leads to."""
    with connection.cursor() as cursor:
        cursor.execute(f'PRAGMA foreign_key_list("{table}")')
        return next((row[3], row[4]) for row in cursor.fetchall() if row[0] == number)


def _may_be_none(table: str, column: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f'PRAGMA table_info("{table}")')
        return any(name == column and not not_null for _, name, _, not_null, *_ in cursor.fetchall())


def _cut_loose(table: str, column: str, condition: str) -> bool:
    with write_transaction(), connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}" WHERE {condition} LIMIT {_MOST}')
        names = [part[0] for part in cursor.description]
        rows = [dict(zip(names, map(_as_text, row), strict=True)) for row in cursor.fetchall()]
        change = f'UPDATE "{table}" SET "{column}" = NULL' if _may_be_none(table, column) else f'DELETE FROM "{table}"'
        cursor.execute(f"{change} WHERE {condition}")
        note("table", table, f"{cursor.rowcount} rows without {column}", {"first rows": rows})
    return True


def _as_text(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)[:1000]
