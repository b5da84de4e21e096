"""Colours code with Pygments. Its regular expressions can be led astray, so it runs in the child process alone."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import IO

from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES, _TokenType

from runs.artifacts.previews.decoding import encoding_of, visible
from runs.artifacts.previews.source import Source
from runs.artifacts.previews.text import part_of


def read(file: IO[bytes], *, text_page: int, size: int, language: str) -> list[tuple[str, str]]:
    """A part of the text as (class, stretch)."""
    source = Source("", "", size, file, text_page)
    return coloured(visible(part_of(source, encoding_of(source.head))), language)


def coloured(text: str, language: str) -> list[tuple[str, str]]:
    """Stretches of the text, each with the letter of its kind: k keyword, s string, c comment, m number, n name …"""
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    return list(_merged((_class_of(kind), stretch) for kind, stretch in lexer.get_tokens(text)))


def _class_of(kind: _TokenType) -> str:
    while kind not in STANDARD_TYPES:
        kind = kind.parent
    css_class = STANDARD_TYPES[kind]
    # Names, punctuation and blanks are most of a text and look like it.
    return "" if css_class in ("n", "p", "w", "nx", "bp") else css_class


def _merged(tokens: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for css_class, group in groupby(tokens, key=lambda token: token[0]):
        yield css_class, "".join(stretch for _, stretch in group)
