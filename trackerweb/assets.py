"""The styles and the scripts of our pages, a file each: seventy requests cost a first visit half a second.

They are joined when a page first asks, from static/ as it is written. A module becomes a function of its own that runs
when it is first needed, so that names never meet. This knows the ways in which our modules import and export, and no
others: tests/trackerweb/test_assets.py reads all of them, and every browser test runs them.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

STATIC: Path = settings.BASE_DIR / "static"
STYLES, SCRIPTS = "site.css", "site.js"
YEAR_SECONDS = 31_536_000

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
_REMARK = re.compile(r"^ *//.*\n", re.MULTILINE)
_STYLE_IMPORT = re.compile(r'^@import url\("([^"]+)"\) layer\((\w+)\);$', re.MULTILINE)
_STYLE_REMARK = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s+")

#: Runs the modules that its own tag names, each after what it needs.
_START = """(() => {
"use strict";
const known = {}, made = {};
// A name that no module of ours has.
const __take = (name) => (made[name] ??= known[name]());
%s
for (const name of %s) __take(name);
})();
"""


def script(names: Sequence[str], start: str) -> str:
    """Modules by their names below static/, with all that they import; `start` is what they are begun with."""
    found: dict[str, str] = {}
    for name in names:
        _add(name, found)
    return _START % ("".join(found.values()), start)


def style(path: Path) -> str:
    """A stylesheet below static/, without remarks and line ends."""
    return _SPACE.sub(" ", _STYLE_REMARK.sub("", path.read_text()))


def text_of(name: str) -> str:
    """A file below static/."""
    found = finders.find(name)
    assert found, name
    return Path(found).read_text()


@cache
def site_css() -> str:
    """css/site.css with all that it imports, in their layers."""
    root = STATIC / "css"
    text = (root / STYLES).read_text()
    joined = _STYLE_IMPORT.sub(lambda found: f"@layer {found[2]} {{ {style(root / found[1])} }}", text)
    return _SPACE.sub(" ", _STYLE_REMARK.sub("", joined))


@cache
def site_js() -> str:
    """All modules of all pages. A page's tag names those that it begins with."""
    names = sorted(path.relative_to(STATIC).as_posix() for path in (STATIC / "js").rglob("*.js"))
    return script(names, "document.currentScript.dataset.modules.split(' ').filter(Boolean)")


_ASSETS: dict[str, tuple[Callable[[], str], str]] = {
    STYLES: (site_css, "text/css; charset=utf-8"),
    SCRIPTS: (site_js, "text/javascript; charset=utf-8"),
}


@cache
def address(name: str) -> str:
    """Where a page asks for one of them. It changes with the content, so that a browser keeps it for good."""
    digest = hashlib.sha256(_ASSETS[name][0]().encode()).hexdigest()[:12]
    return f"/assets/{digest}/{name}"


@require_safe
def asset(request: HttpRequest, digest: str, name: str) -> HttpResponse:
    """Serve one of them; the newest to whoever asks for an older one."""
    if name not in _ASSETS:
        raise Http404(f"There is no asset {name!r}.")
    make, media_type = _ASSETS[name]
    response = HttpResponse(make(), content_type=media_type)
    is_newest = request.path == address(name)
    response["Cache-Control"] = f"max-age={YEAR_SECONDS}, public, immutable" if is_newest else "no-cache"
    return response


def _add(name: str, found: dict[str, str]) -> None:
    if name in found:
        return
    path = STATIC / name
    text = _REMARK.sub("", path.read_text())
    for _, other in _IMPORT.findall(text):
        _add(_joined(path, other), found)
    exports = ", ".join(exported for _, exported in _EXPORT.findall(text))
    body = _EXPORT.sub(r"\1", _IMPORT.sub(lambda match: _taken(match, path), text))
    found[name] = f'known["{name}"] = () => {{\n{body}return {{ {exports} }};\n}};\n'


def _taken(match: re.Match[str], path: Path) -> str:
    names = match[1].replace(" as ", ": ")
    return f'const {{{names}}} = __take("{_joined(path, match[2])}");\n'


def _joined(path: Path, address: str) -> str:
    return (path.parent / address).resolve().relative_to(STATIC.resolve()).as_posix()
