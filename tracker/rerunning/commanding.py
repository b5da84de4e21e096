"""The command line of a rerun: the recorded one, in the new folder, by the new Python, with other values of params."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from tracker.errors import InvalidValue, TrackerError
from tracker.rerunning.layout import Layout
from tracker.rerunning.recorded import HIDDEN, Recorded

#: Options of Python that take the next word.
_TAKE_NEXT = {"-W", "-X", "--check-hash-based-pycs"}
_NO = {"false", "no", "off", "0"}
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*(?:\.exe)?")
_NUMBER = re.compile(r"-[\d.]")


@dataclass(frozen=True)
class Command:
    """What to start, and what was done to what was recorded, a sentence each."""

    words: tuple[str, ...]
    notes: tuple[str, ...]


def command_of(recorded: Recorded, layout: Layout, python: Path, changes: Mapping[str, str]) -> Command:
    """The recorded command line, to be started in the folder of a rerun by its Python.

    A change replaces the value of the option of its name (`--lr 0.1`, `--lr=0.1`, `lr=0.1`; - and _ are alike), or is
    added as one.

    Errors: TrackerError for what was typed into an interpreter; InvalidValue where a secret is left that was hidden.
    """
    words = [layout.relocated(word) for word in recorded.command]
    first = _first_of_script(recorded.command)
    if first is None:
        raise TrackerError(
            f"Run {recorded.run_id} was typed into an interactive Python, so there is no command to start again."
        )
    words = [_of_environment(word, recorded, python) for word in words]
    if words[0] == recorded.command[0] and (words[0] == recorded.executable or _PYTHON.fullmatch(_base(words[0]))):
        words[0] = str(python)
    arguments, notes = words[first:], []
    for key, value in changes.items():
        arguments, note = changed(arguments, key, value)
        notes.append(note)
    _refuse_hidden(arguments)
    return Command((*words[:first], *arguments), tuple(notes))


def _base(word: str) -> str:
    return PurePath(word).name


def _of_environment(word: str, recorded: Recorded, python: Path) -> str:
    """A program beside the old Python, such as one that a package installs, beside the new one."""
    old = PurePath(recorded.executable).parent
    if not recorded.executable or PurePath(word).parent != old:
        return word
    return str(python if word == recorded.executable else python.with_name(_base(word)))


def _first_of_script(words: Sequence[str]) -> int | None:
    """Where the arguments begin: after the interpreter, its options, and the script, module or code."""
    place = 1
    while place < len(words):
        word = words[place]
        if word in ("-m", "-c"):
            return place + 2 if place + 1 < len(words) else None
        if not word.startswith("-"):
            return place + 1
        if word == "-":
            return None
        place += 2 if word in _TAKE_NEXT else 1
    return None


def changed(arguments: Sequence[str], key: str, value: str) -> tuple[list[str], str]:
    """Arguments with another value of a param, and what was done."""
    made: list[str] = []
    was_found = False
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        name, sign, _ = word.partition("=")
        if not _is(name, key):
            made.append(word)
        elif sign:
            made.append(f"{name}={value}")
        elif not word.startswith("-"):
            made.append(word)
            continue
        elif rest and (not rest[0].startswith("-") or _NUMBER.match(rest[0])):
            rest.pop(0)
            made += _option(word, value)
        elif value.lower() not in _NO:
            made.append(word)
        was_found = was_found or (_is(name, key) and (bool(sign) or word.startswith("-")))
    if was_found:
        return made, f"{key} is {value} on the command line."
    added = _added(arguments, key, value)
    return [*made, *added], f"{key} was not on the command line: {' '.join(added)} was added."


def _is(name: str, key: str) -> bool:
    return name.lstrip("-+").replace("-", "_") == key.replace("-", "_")


def _option(word: str, value: str) -> list[str]:
    return [f"{word}={value}"] if value.startswith("-") and not _NUMBER.match(value) else [word, value]


def _added(arguments: Sequence[str], key: str, value: str) -> list[str]:
    """As other arguments are written: `lr=0.1` beside others like that, else as an option."""
    bare = [word for word in arguments if "=" in word and not word.startswith("-")]
    return [f"{key}={value}"] if bare else _option(f"--{key}", value)


def _refuse_hidden(arguments: Sequence[str]) -> None:
    for place, word in enumerate(arguments):
        if word == HIDDEN or word.endswith(f"={HIDDEN}"):
            name = (word if "=" in word else arguments[place - 1] if place else "").partition("=")[0].lstrip("-")
            raise InvalidValue(
                f"The value of {name or 'an argument'} was left out when the command was captured, since it is called "
                f"like a secret. Give it: -P {name or 'NAME'}=VALUE."
            )
