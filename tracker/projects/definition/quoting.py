"""Where in a command of the shell a place is: outside of quotes, within some, or where nobody should put a value."""

from __future__ import annotations

import re
from enum import Enum


class Context(Enum):
    """What the shell makes of a character there. UNSURE is all that is not known to be one of the others."""

    OUTSIDE, DOUBLE, SINGLE, UNSURE = range(4)


#: What the shell is in, where that is no place for any value but plain ones. "lost" never ends.
_CONTEXTS = {"line": Context.OUTSIDE, "(": Context.OUTSIDE, '"': Context.DOUBLE, "'": Context.SINGLE}
_ENDS = {'"': '"', "'": "'", "$'": "'", "${": "}", "`": "`", "#": "\n"}
#: Where quotes come in pairs, or are text. Where the way is lost they may be anything.
_WITHOUT_QUOTES = ("line", "(", "((", "[[", "${", "`", "#")
#: Between words, where # begins a comment.
_BREAKS = " \t\n;|&()<>"
#: Commands that read what they get as code, and `pattern)`, which closes nothing that was opened.
_CAN_NOT_BE_FOLLOWED = re.compile(
    r"\besac\b|(?:^|[\"';&|({\n!]|\b(?:then|do|else|time|builtin|command)\s)\s*(?:eval|let|declare|typeset)\s"
)


class Quoting:
    """Follows the quotes and brackets of a command as bash reads it.

    A word may be a command for another shell (`sh -c "python train.py {a}"`), so its text is followed as one, too.

    Source: the manual of bash 5.2, Quoting (3.1.2), Shell Expansions (3.5), Redirections (3.6).
    """

    def __init__(self, command: str, *, follows_words: bool = True) -> None:
        self._within = ["lost" if _CAN_NOT_BE_FOLLOWED.search(command) else "line"]
        self._before = "\n"
        self._is_escaped = False
        self._follows_words = follows_words
        #: The text of the word so far, for each bracket that is open.
        self._words = [self._new_word()]

    @property
    def context(self) -> Context:
        """What a value would stand in that came next."""
        # $'…' is another kind of quotes.
        if self._is_escaped or self._before == "$":
            return Context.UNSURE
        word = self._words[-1]
        if word is not None and word.context is not Context.OUTSIDE:
            return Context.UNSURE
        return _CONTEXTS.get(self._within[-1], Context.UNSURE)

    @property
    def takes_empty_quotes(self) -> bool:
        """Whether two single quotes, a value that is empty, end nothing that goes on behind them."""
        if self._is_escaped or self._before == "$":
            return False
        within = self._within[-1]
        return within in _WITHOUT_QUOTES or (within == "'" == self._before)

    def read(self, text: str) -> None:
        """Go on behind a piece of the command."""
        # Three open a here-string, which is a word as any other.
        for sign in text.replace("<<<", "   "):
            if self._is_escaped:
                self._take_escaped(sign)
                continue
            self._take(sign)
            # The second of $$ begins nothing.
            self._before = "x" if sign == self._before == "$" else sign

    def skip_word(self) -> None:
        """Go on behind a value, which closes what it opens."""
        self._is_escaped, self._before = False, "x"
        word = self._words[-1]
        if word is not None:
            word.skip_word()

    def _new_word(self) -> Quoting | None:
        return Quoting("", follows_words=False) if self._follows_words else None

    def _tell_word(self, text: str) -> None:
        word = self._words[-1]
        if word is not None:
            word.read(text)

    def _take_escaped(self, sign: str) -> None:
        keeps = self._within[-1] == '"' and sign not in '"\\$`'
        self._tell_word(f"\\{sign}" if keeps else sign)
        self._is_escaped, self._before = False, "x"

    def _take(self, sign: str) -> None:
        within = self._within[-1]
        if sign == "\\" and within not in ("'", "#", "lost"):
            self._is_escaped = True
        elif sign == _ENDS.get(within):
            self._within.pop()
            if within in ("${", "`"):
                self.skip_word()
        elif within in ("line", "("):
            self._take_outside(sign)
        elif within == '"':
            self._take_expansion(sign)
        elif within == "'":
            self._tell_word(sign)
        else:
            self._take_unsure(sign, within)

    def _take_outside(self, sign: str) -> None:
        twice = sign == self._before
        if sign in _BREAKS:
            self._words[-1] = self._new_word()
        if sign in "\"'":
            self._within.append("$'" if sign == "'" and self._before == "$" else sign)
        elif sign == "#" and self._before in _BREAKS:
            self._within.append("#")
        elif sign == "<" and twice:
            self._within.append("lost")
        elif sign == "[" and twice:
            self._within.append("[[")
        elif sign == "(":
            self._open("((" if twice else "(")
        elif sign == ")" and self._within[-1] == "(":
            self._close()
        elif sign not in _BREAKS:
            self._take_expansion(sign)

    def _take_expansion(self, sign: str) -> None:
        """What stands within double quotes too: text, and what begins with `, $( or ${."""
        if sign == "`":
            self._within.append("`")
        elif sign == "(" and self._before == "$":
            self._open("(")
        elif sign == "{" and self._before == "$":
            self._within.append("${")
        else:
            self._tell_word(sign)

    def _take_unsure(self, sign: str, within: str) -> None:
        """Go to the end of what is a language of its own; quotes in it are not followed."""
        if within == "((" and sign in "()":
            self._open("((") if sign == "(" else self._close()
        elif within == "[[" and sign == "]" == self._before:
            self._within.pop()
        elif within in ("${", "[[", "((") and sign in "\"'`{":
            self._within.append("lost")

    def _open(self, bracket: str) -> None:
        self._within.append(bracket)
        self._words.append(self._new_word())

    def _close(self) -> None:
        self._within.pop()
        self._words.pop()
        self.skip_word()
