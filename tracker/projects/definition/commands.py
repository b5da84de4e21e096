"""Commands: `python train.py {alpha}`, and values in the place of the names in braces."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from string import Formatter

from tracker.errors import InvalidProject, InvalidValue
from tracker.projects.definition.quoting import Context, Quoting


def filled(command: str, values: Mapping[str, str], extra: Mapping[str, str], entry_point: str) -> str:
    """The command with values in place of their names, and `--name value` behind it for each of `extra`.

    Each value stays one word, or a part of one, and the shell runs nothing that it holds. {{ and }} are braces.

    Errors: InvalidProject for a name that no parameter has, and for all else in braces; InvalidValue for a value that
    can't be put where the command has it.
    """
    quoting, pieces = Quoting(command), list[str]()
    for text, name in _parts(command, entry_point):
        quoting.read(text)
        pieces.append(text)
        if name is not None:
            _check_name(name, values, entry_point)
            is_nothing = not values[name] and quoting.takes_empty_quotes
            pieces.append("''" if is_nothing else _word(values[name], quoting.context, name, entry_point))
            quoting.skip_word()
    quoting.read(" ")
    words = [_extra(name, value, quoting.context, entry_point) for name, value in extra.items()]
    line = "".join(pieces)
    # A block of YAML ends with a line break, after which they would be a command of their own.
    return " ".join([line.rstrip("\n") if words and quoting.context is Context.OUTSIDE else line, *words])


def _parts(command: str, entry_point: str) -> Iterator[tuple[str, str | None]]:
    """The command in pieces: text, and the name in the braces that follow it."""
    try:
        for text, name, layout, conversion in Formatter().parse(command):
            if layout or conversion not in (None, "s"):
                raise InvalidProject(
                    f"The command of {entry_point!r} has {{{name}}} with a layout or conversion behind it. Write the "
                    "name alone: values are put in as they are."
                )
            yield text, name
    except ValueError as error:
        raise InvalidProject(
            f"The command of {entry_point!r} has braces that do not match ({error}). Write {{{{ and }}}} for braces "
            f"that are no parameter: {command[:200]!r}."
        ) from None


def _check_name(name: str, values: Mapping[str, str], entry_point: str) -> None:
    """Only whole names count, so {a.b} and {a[0]} reach into nothing."""
    if name not in values:
        known = ", ".join(values) or "none"
        raise InvalidProject(
            f"The command of {entry_point!r} has {{{name}}}, which is no parameter of it ({known}). List it under "
            "parameters, or write {{ and }} for braces that are none."
        )


def _word(value: str, context: Context, name: str, entry_point: str) -> str:
    """A value quoted for the shell, and once more for the quotes that it stands in."""
    word = shlex.quote(value)
    if word == value or context is Context.OUTSIDE:
        return word
    if context is Context.DOUBLE:
        return "".join(f"\\{sign}" if sign in '\\"$`' else sign for sign in word)
    if context is Context.SINGLE:
        return word.replace("'", "'\"'\"'")
    raise InvalidValue(
        f"{name} is {value[:80]!r}, which can't be quoted safely where the command of {entry_point!r} has it (in a "
        "comment, a here-document, backticks or the like). Letters, digits and @%+=:,./-_ can be put there."
    )


def _extra(name: str, value: str, context: Context, entry_point: str) -> str:
    if context is Context.OUTSIDE:
        return f"--{shlex.quote(name)} {shlex.quote(value)}"
    return f"--{_word(name, Context.UNSURE, name, entry_point)} {_word(value, Context.UNSURE, name, entry_point)}"
