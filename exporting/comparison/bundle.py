"""Modules of static/js/ as one script, for a file that has no server to load them from.

Each module becomes a function of its own, so that names never meet. It knows the ways in which our modules import and
export, and no others: tests/exporting/test_comparison_file.py opens the result in a browser.
"""

import re
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
_REMARK = re.compile(r"^ *//.*\n", re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|class|const) (\w+))", re.MULTILINE)


@cache
def bundled(entry: str) -> str:
    """The module at `entry`, below static/, with all that it imports before it."""
    made: dict[Path, str] = {}
    _add(asset_path(entry), made)
    return "const modules = {};\n" + "".join(made.values())


def asset_text(name: str) -> str:
    """A file below static/."""
    return asset_path(name).read_text()


def asset_path(name: str) -> Path:
    """Where a file below static/ lies."""
    found = finders.find(name)
    assert found, name
    return Path(found).resolve()


def _add(path: Path, made: dict[Path, str]) -> None:
    if path in made:
        return
    text = _REMARK.sub("", path.read_text())
    for _, address in _IMPORT.findall(text):
        _add((path.parent / address).resolve(), made)
    names = [name for _, name in _EXPORT.findall(text)]
    body = _EXPORT.sub(r"\1", _IMPORT.sub(lambda found: _taken(found, path), text))
    made[path] = f"modules[{str(_name(path))!r}] = (() => {{\n{body}\nreturn {{ {', '.join(names)} }};\n}})();\n"


def _taken(found: re.Match[str], path: Path) -> str:
    names = found[1].replace(" as ", ": ")
    return f"const {{{names}}} = modules[{_name((path.parent / found[2]).resolve())!r}];\n"


def _name(path: Path) -> str:
    return "/".join(path.parts[-3:])
