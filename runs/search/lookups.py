"""SQL that Django has no words for, with the databases' dialects side by side."""

from typing import Any

from django.db.models import CharField, Func, Lookup, TextField

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


def _as_glob(pattern: str) -> str:
    meaning = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}
    return "".join(meaning.get(character, character) for character in pattern)
