"""What a person is told of a filter or order that can't be read."""

import re
from typing import Any

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from trackerweb.errors import InvalidValue

#: NUL and halves of surrogate pairs, which no database takes even to look for.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_WORD_ALONE = re.compile(r"[\w-]{1,80}")
_EXPECTED = {
    "COMPARATOR": "Expected a comparator: =, !=, <, <=, >, >=, LIKE, ILIKE, ~, IN, BETWEEN, IS NULL.",
    "_AND": "Expected AND and another condition.",
    "FIELD": "Expected a condition such as metrics.loss < 0.1.",
    "SINGLE": "Expected a value: a number, or text in quotes.",
    "LPAR": "Expected a list such as ('a', 'b').",
    "RPAR": "Expected , or ).",
}


class SearchError(InvalidValue):
    """A filter or order that can't be read. `column` is the 0-based place in the text, where there is one."""

    def __init__(self, message: str, column: int | None = None, field: str = "filter") -> None:
        super().__init__(message, field=field)
        self.column = column


def at(token: Token, message: str) -> SearchError:
    """A mistake at a token of a filter."""
    column = token.start_pos or 0
    return SearchError(f"{message} (character {column + 1}).", column)


def refuse_unstorable(text: str, field: str) -> None:
    """Refuse what can't be looked for, with its place."""
    found = UNSTORABLE.search(text)
    if found is not None:
        name = f"U+{ord(found[0]):04X}"
        message = f"The character {name} at character {found.start() + 1} can't be searched for. Remove it."
        raise SearchError(message, found.start(), field)


def explained(error: UnexpectedInput, text: str) -> SearchError:
    """What a person can do about a text that the parser refused."""
    column = error.pos_in_stream
    if column is None or column < 0 or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        return SearchError(f"The filter ends too early. {_expected(error)}", len(text.rstrip()))
    rest = text[column:]
    if rest[0] in "'\"`" and rest.count(rest[0]) % 2:
        return SearchError(f"The {rest[0]} at character {column + 1} is never closed.", column)
    word = re.match(r"\w+|[^\w\s]+|\s+", rest)
    found = word[0] if word else rest[:1]
    return SearchError(f"{found!r} at character {column + 1} is out of place. {_expected(error)}", column)


def bare_word(token: Token) -> SearchError:
    """A word where a condition has to stand."""
    word = str(token)
    name = f" To find a name, write run_name LIKE '%{word}%'." if _WORD_ALONE.fullmatch(word) else ""
    column = token.start_pos or 0
    message = f"{word[:80]!r} at character {column + 1} is no condition. {_EXPECTED['FIELD']}{name}"
    return SearchError(message, column)


def _expected(error: UnexpectedInput) -> str:
    if isinstance(error, UnexpectedToken):
        names: set[Any] = set(error.accepts or error.expected)
    else:
        names = set(error.allowed if isinstance(error, UnexpectedCharacters) else ()) - {"WS"}
    if "RPAR" in names and "COMMA" not in names:
        return "Expected ) to close the parenthesis, or another condition."
    return next((text for name, text in _EXPECTED.items() if name in names), "Expected a condition.")
