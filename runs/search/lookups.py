"""SQL that Django has no words for, with the databases' dialects side by side."""

from functools import lru_cache
from typing import Any

import re2
from django.db.backends.signals import connection_created
from django.db.models import AutoField, BigAutoField, BigIntegerField, CharField, Func, Lookup, TextField, Transform
from django.dispatch import receiver

from runs.models import INDEXED_CHARACTERS


class Head(Func):
    """The head of a text, spelled as the search indexes spell it: a bound parameter would miss them."""

    output_field = TextField()
    template = f"LEFT(%(expressions)s, {INDEXED_CHARACTERS})"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite has no LEFT."""
        return self.as_sql(
            compiler, connection, template=f"SUBSTR(%(expressions)s, 1, {INDEXED_CHARACTERS})", **context
        )


class Rest(Func):
    """What of a text lies behind its head."""

    output_field = TextField()
    template = f"SUBSTR(%(expressions)s, {INDEXED_CHARACTERS + 1})"


@AutoField.register_lookup
@BigAutoField.register_lookup
class Walked(Transform):
    """A key that SQLite shall not begin a query with. What a scan found may be most of the runs: then the first page is
    found sooner along the index of the order than by sorting all of them.
    """

    lookup_name = "walked"
    output_field = BigIntegerField()
    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """The sign keeps the planner from using an index (sqlite.org/optoverview.html)."""
        return self.as_sql(compiler, connection, template="+%(expressions)s", **context)


@CharField.register_lookup
@TextField.register_lookup
class Like(Lookup):
    """LIKE, case-sensitive, where % is any text and _ any character; nothing is escaped, as in MLflow."""

    lookup_name = "sql_like"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """PostgreSQL's LIKE."""
        lhs, params = self.process_lhs(compiler, connection)
        return f"{lhs} LIKE %s ESCAPE ''", (*params, self.rhs)

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """GLOB, for SQLite's LIKE does not tell cases apart."""
        lhs, params = self.process_lhs(compiler, connection)
        return f"{lhs} GLOB %s", (*params, _as_glob(str(self.rhs)))


@CharField.register_lookup
@TextField.register_lookup
class ILike(Lookup):
    """LIKE that does not tell cases apart."""

    lookup_name = "sql_ilike"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """PostgreSQL's ILIKE."""
        lhs, params = self.process_lhs(compiler, connection)
        return f"{lhs} ILIKE %s ESCAPE ''", (*params, self.rhs)

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """SQLite's LIKE (ASCII letters)."""
        lhs, params = self.process_lhs(compiler, connection)
        return f"{lhs} LIKE %s", (*params, self.rhs)


@CharField.register_lookup
@TextField.register_lookup
class Matches(Lookup):
    """Whether a regular expression is found in a text."""

    lookup_name = "matches"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """PostgreSQL's own; the grammar takes only patterns that RE2 takes, which have no way back."""
        lhs, params = self.process_lhs(compiler, connection)
        return f"{lhs} ~ %s", (*params, self.rhs)

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """RE2, whose time grows with the text and no faster."""
        lhs, params = self.process_lhs(compiler, connection)
        return f"re2_matches(%s, {lhs})", (self.rhs, *params)


@receiver(connection_created)
def bring_re2(connection: Any, **_: Any) -> None:
    """Give a new connection to SQLite the function that `Matches` calls."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("re2_matches", 2, _is_found, deterministic=True)


def _is_found(pattern: str, text: str | None) -> bool:
    return text is not None and bool(_compiled(pattern).Match(text))


@lru_cache(maxsize=100)
def _compiled(pattern: str) -> Any:
    """A set of one pattern, which only says whether it is found: a fifth of the time of looking where."""
    found = re2.Set.SearchSet()
    found.Add(pattern)
    found.Compile()
    return found


def _as_glob(pattern: str) -> str:
    meaning = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}
    return "".join(meaning.get(character, character) for character in pattern)
