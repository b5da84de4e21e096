"""Which code runs: the command, and the state of its git checkout."""

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from tracker.userinfo import without_secrets

GIT_SECONDS = 5.0
MAX_DIFF_LENGTH = 1_000_000
#: Commits that are told, so that a reader sees what lies between two runs.
LOG_LENGTH = 30
#: What is code, or says how it runs. Outside of a checkout nobody chose what belongs to it: only Python is read there.
SOURCE_SUFFIXES = {".py", ".pyx", ".r", ".jl", ".sh", ".yaml", ".yml", ".toml"}
MAX_FILES, MAX_FILE_LENGTH, MAX_SOURCE_LENGTH = 300, 100_000, 500_000
#: Of those at most, files that git does not know: somebody's environment may lie in the checkout.
MAX_UNTRACKED = 100
#: What settings of the user's would otherwise change in what git prints.
_PLAIN = ("-c", "core.quotePath=false", "-c", "diff.noprefix=false", "-c", "diff.mnemonicPrefix=false")
#: Programs that a folder which came from elsewhere has git start, and repositories that it hides.
_SAFE = ("-c", "core.fsmonitor=false", "-c", "safe.bareRepository=explicit")
_DIFF = ("diff", "HEAD", "--no-ext-diff", "--no-textconv", "--no-color", "--no-relative")
_BINARY = re.compile(r"^-\t-\t(.+)$", re.MULTILINE)
#: Tokens that are counted, and what makes them of a text, are none.
_SECRET = re.compile(
    r"(token(?!s|i[sz])|(api|auth|access)[-_]?tokens|secret|passw|api[-_]?key|credential)", re.IGNORECASE
)
#: Files that programs keep keys and passwords in.
_HOLDS_SECRETS = re.compile(
    r"(^|/)(\.env(\.[^/]*)?|\.netrc|\.pypirc|\.npmrc|kaggle\.json|id_[a-z\d]+|[^/]*\.(pem|key|p12|pfx|kdbx))$"
)
#: Where other people's packages lie.
_FOREIGN = re.compile(r"(^|/)(site-packages|dist-packages|node_modules|lib/python[\d.]+)/")


def command() -> list[str]:
    """The command line; the values of options that are called like a secret are left out."""
    given = getattr(sys, "orig_argv", None) or sys.argv
    shown: list[str] = []
    for word in given:
        hidden = bool(shown) and shown[-1].startswith("-") and "=" not in shown[-1] and bool(_SECRET.search(shown[-1]))
        name, marker, _ = word.partition("=")
        if hidden and not word.startswith("-"):
            shown.append("…")
        elif marker and _SECRET.search(name):
            shown.append(f"{name}=…")
        else:
            shown.append(word)
    return shown


def name_and_type() -> tuple[str, str]:
    """What runs, as a path where there is one, and MLflow's word for what it is."""
    if "ipykernel" in sys.modules or "google.colab" in sys.modules:
        return "notebook", "NOTEBOOK"
    main = sys.modules.get("__main__")
    file = getattr(main, "__file__", None)
    return (os.path.relpath(file) if _is_near(file) else str(file), "LOCAL") if file else (sys.argv[0] or "-", "LOCAL")


def _is_near(file: str | None) -> bool:
    return bool(file) and Path(str(file)).is_relative_to(Path.cwd())


@cache
def git(folder: Path) -> dict[str, Any]:
    """What `git_now` told first in this process: the state that the program was loaded from."""
    return git_now(folder)


def git_now(folder: Path) -> dict[str, Any]:
    """Commit, branch, remote, the last commits, whether and how it differs; empty outside of a checkout."""
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit:
        return {}
    status = _git(folder, *_PLAIN, "status", "--porcelain", "--untracked-files=normal")
    told: dict[str, Any] = {
        "commit": commit,
        "branch": _git(folder, "rev-parse", "--abbrev-ref", "HEAD"),
        "remote": without_secrets(_git(folder, "remote", "get-url", "origin")),
        "is_dirty": bool(status),
        "log": _git(folder, "log", f"--max-count={LOG_LENGTH}", "--format=%H %s").splitlines(),
    }
    if (root_of(folder) / ".gitmodules").is_file():
        told["submodules"] = _git(folder, "submodule", "status").splitlines()[:100]
    if status:
        told |= _difference(folder)
        told["untracked"] = [line[3:] for line in status.splitlines() if line.startswith("??")][:1000]
    return told


def _difference(folder: Path) -> dict[str, Any]:
    """The diff to the commit, with binary files where there is room for them. `diff_lacks` names those left out, and
    those that hold secrets.
    """
    changed = _git(folder, *_PLAIN, *_DIFF, "--name-only", "--no-renames", "-z").split("\0")
    lacks = [name for name in changed if _holds_secrets(name)]
    places = ["--", ":(top)", *(f":(top,exclude,literal){name}" for name in lacks)] if lacks else []
    diff = _git(folder, *_PLAIN, *_DIFF, *places, strip=False)
    if binary := _binary_in(diff, folder, places):
        # Packing a large file takes longer than a run waits.
        small = sum(_size(root_of(folder) / name) for name in binary) <= MAX_DIFF_LENGTH
        whole = _git(folder, *_PLAIN, *_DIFF, "--binary", *places, strip=False) if small else ""
        if whole and len(whole) <= MAX_DIFF_LENGTH:
            diff = whole
        else:
            lacks += binary
    told: dict[str, Any] = {"diff_lacks": lacks[:1000]} if lacks else {}
    return told | {"diff": diff[:MAX_DIFF_LENGTH], "diff_is_cut": len(diff) > MAX_DIFF_LENGTH}


def _holds_secrets(name: str) -> bool:
    """Whether a file is kept for what nobody else may read. Code about passwords is not."""
    is_code = Path(name).suffix.lower() in {".py", ".ipynb", ".pyx", ".r", ".jl", ".sh"}
    return bool(_HOLDS_SECRETS.search(name)) or (not is_code and bool(_SECRET.search(Path(name).name)))


def _binary_in(diff: str, folder: Path, places: list[str]) -> list[str]:
    if not _has_binary(diff):
        return []
    return _BINARY.findall(_git(folder, *_PLAIN, *_DIFF, "--numstat", "--no-renames", *places))


def _has_binary(diff: str) -> bool:
    return "\nBinary files " in diff


def _size(path: Path) -> int:
    """Bytes of a file; none where it was removed."""
    try:
        return path.lstat().st_size
    except OSError:
        return 0


@cache
def root_of(folder: Path) -> Path:
    """The top of the checkout that a folder lies in, else the folder."""
    top = _git(folder, "rev-parse", "--show-toplevel")
    return Path(top) if top else folder


@cache
def files(folder: Path) -> dict[str, str]:
    """What `files_now` told first in this process."""
    return files_now(folder)


def files_now(folder: Path) -> dict[str, str]:
    """The program's own source as it stands, by path: that of its checkout, or the Python files beside it.

    Of files that git does not know there are those below `folder` and those that the program had imported. Up to
    MAX_SOURCE_LENGTH characters of MAX_FILES files; longer ones, and what can't be read as text, are left out.
    """
    root = root_of(folder)
    if (root / ".git").exists():
        tracked = _git(root, "ls-files", "-z").split("\0")
        chosen = [*_untracked(root, folder, set(tracked)), *sorted(filter(_is_source, tracked))]
    else:
        chosen = sorted(path.name for path in _python_in(folder))
    found: dict[str, str] = {}
    left = MAX_SOURCE_LENGTH
    for name in chosen[:MAX_FILES]:
        text = _text_of(root / name)
        if text is not None and len(text) <= left:
            found[name] = text
            left -= len(text)
    return found


def place_in_checkout(folder: Path) -> str:
    """Where a folder lies in its git checkout: "" for its top, and outside of one."""
    return _git(folder, "rev-parse", "--show-prefix").rstrip("/")


def _is_source(name: str) -> bool:
    return Path(name).suffix.lower() in SOURCE_SUFFIXES


def _untracked(root: Path, folder: Path, tracked: set[str]) -> list[str]:
    """Source that git neither knows nor ignores. What is called like a secret stays where it is."""
    listed = _git(root, "ls-files", "-z", "--others", "--exclude-standard", "--", str(folder)).split("\0")
    names = {name for name in listed if _is_source(name)} | _imported(root)
    return sorted(name for name in names - tracked if not _FOREIGN.search(name) and not _SECRET.search(name))[
        :MAX_UNTRACKED
    ]


def _imported(root: Path) -> set[str]:
    """The files of modules below a folder."""
    begin = f"{root}{os.sep}"
    places = [getattr(module, "__dict__", {}).get("__file__") for module in list(sys.modules.values())]
    own = [place for place in places if isinstance(place, str) and place.startswith(begin) and place.endswith(".py")]
    return {Path(place).relative_to(root).as_posix() for place in own}


def _python_in(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.suffix == ".py"]
    except OSError:
        return []


def _text_of(path: Path) -> str | None:
    """A file's text; None for one that is too long, or none, or leads elsewhere."""
    try:
        if path.is_symlink() or path.stat().st_size > MAX_FILE_LENGTH:
            return None
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    return None if "\0" in text else text


def folder_of_work() -> Path | None:
    """The current folder; None where it was removed."""
    try:
        return Path.cwd()
    except OSError:
        return None


def folder_of_code() -> Path:
    """Where the program's own file lies; the current folder where it has none, or is somebody else's: pytest's, say."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    if not file:
        return Path.cwd()
    place = Path(file).resolve()
    is_foreign = _FOREIGN.search(place.as_posix()) or place.parent == Path(sys.executable).parent.resolve()
    return folder_of_work() or place.parent if is_foreign else place.parent


def _git(folder: Path, *words: str, strip: bool = True) -> str:
    """What git prints; nothing where it fails, is not there, or takes too long."""
    environment = os.environ | {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            ["git", *_SAFE, "-C", str(folder), *words],  # noqa: S607 - the user's git, as on the command line
            capture_output=True,
            timeout=GIT_SECONDS,
            env=environment,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    text = done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
    return text.strip() if strip else text
