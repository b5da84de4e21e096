"""Brings commits of repositories, by the git of this machine, and takes care that git runs nothing of theirs."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tracker.errors import InvalidValue, MissingLibrary, TrackerError
from tracker.projects.signals import held
from tracker.projects.sources import addresses
from tracker.userinfo import without_secrets

COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_ABBREVIATED = re.compile(r"[0-9a-fA-F]{4,64}")
#: Said of one repository, when git itself starts a program (a hook, an alias): none of the one we ask.
_OF_ONE = {
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX", "GIT_QUARANTINE_PATH", "GIT_EXTERNAL_DIFF",
}  # fmt: skip
#: No hooks, no clean-up in the background, no waiting for a server that says nothing for a minute.
_SETTINGS = (
    "core.hooksPath=/dev/null", "core.fsmonitor=false", "gc.auto=0", "maintenance.auto=false", "http.lowSpeedLimit=1",
    "http.lowSpeedTime=60", "fetch.recurseSubmodules=false", "submodule.recurse=false",
    "safe.bareRepository=explicit",
)  # fmt: skip
_MOST_TOLD = 6


@dataclass(frozen=True)
class Version:
    """A commit, and the branch by which it was asked for, if so. `head` is the branch to be on: the default one too."""

    commit: str
    branch: str = ""
    head: str = ""


def resolved(remote: str, version: str | None) -> Version:
    """What a version of a repository is: a branch, a tag, a commit; None is its default branch.

    `commit` is the version itself, as written, where the repository does not list it: `bring` knows more then.

    Errors: InvalidValue for a version that can't be one or an empty repository; TrackerError where git says no.
    """
    if version is not None and (
        not version or version.startswith("-") or re.search(r"[\x00-\x20\x7f~^:?*\[\\]", version)
    ):
        raise InvalidValue(
            f"version: {version[:200]!r} is no branch, tag or commit. Write main, v1.0 or a commit's hash."
        )
    refs, default = _listed(remote)
    if version is None:
        if "HEAD" not in refs:
            raise InvalidValue(f"{without_secrets(remote)} has no commit on its default branch: say a version (-v).")
        return Version(refs["HEAD"], head=default)
    if commit := refs.get(f"refs/heads/{version}"):
        return Version(commit, version, version)
    for name in (
        f"refs/tags/{version}^{{}}",
        f"refs/tags/{version}",
        *([version] if version.startswith("refs/") else []),
    ):
        if name in refs:
            return Version(refs[name])
    if not _ABBREVIATED.fullmatch(version):
        raise InvalidValue(f"version: {without_secrets(remote)} has no branch and no tag {version!r}.")
    return Version(version.lower())


def bring(remote: str, version: Version, folder: Path, origin: str = "") -> str:
    """Put the files of a version into a new folder, a repository of its own, and tell the commit.

    `origin` is what its remote is called there. Errors: InvalidValue for a commit that is not there, or several;
    TrackerError where git says no. Then there is no folder.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidValue(f"{folder} is there already: name a new folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".coming-", dir=folder.parent))
    try:
        commit = _bring(remote, version, beside, origin or without_secrets(remote))
        os.replace(beside, folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return commit


def _bring(remote: str, version: Version, folder: Path, origin: str) -> str:
    wide = ["--object-format=sha256"] if len(version.commit) == 64 else []
    run(["init", "--quiet", "--template=", *wide, "--", str(folder)])
    run(["remote", "add", "--", "origin", origin], folder)
    commit = _fetched(remote, version.commit, folder)
    if version.head:
        run(["symbolic-ref", "HEAD", f"refs/heads/{version.head}"], folder)
        run(["reset", "--hard", "--quiet", commit], folder)
    else:
        run(["checkout", "--quiet", "--detach", commit], folder)
    _bring_submodules(folder, remote)
    return commit


def _fetched(remote: str, commit: str, folder: Path) -> str:
    """Fetch one commit alone, or all there is where it is abbreviated or the server gives only what it lists."""
    fetch = ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules"]
    if COMMIT.fullmatch(commit):
        try:
            run([*fetch, "--depth=1", "--", remote, commit], folder, secret_in=remote)
        except TrackerError:
            pass
        else:
            return commit
    run(
        [*fetch, "--", remote, "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"],
        folder,
        secret_in=remote,
    )
    return _whole(commit, folder, remote)


def _whole(commit: str, folder: Path, remote: str) -> str:
    """The hash that an abbreviated one stands for."""
    try:
        return run(["rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}"], folder).strip()
    except TrackerError:
        raise InvalidValue(
            f"version: {without_secrets(remote)} has no branch, no tag and no one commit {commit!r}."
        ) from None


def _bring_submodules(folder: Path, remote: str) -> None:
    """Those of servers, as MLflow does; none by a path: a stranger's repository could name one of this machine."""
    if not (folder / ".gitmodules").is_file():
        return
    words = ["-c", "protocol.file.allow=never", "submodule", "--quiet", "update", "--init", "--recursive", "--depth=1"]
    try:
        run(words, folder, protocols=addresses.PROTOCOLS[1:], secret_in=remote)
    except TrackerError as error:
        raise TrackerError(f"{error} The project has submodules, which come by https, http and ssh alone.") from None


def _listed(remote: str) -> tuple[dict[str, str], str]:
    """Commits by ref, and the default branch, "" where it is not told."""
    refs: dict[str, str] = {}
    default = ""
    for line in run(["ls-remote", "--quiet", "--symref", "--", remote], secret_in=remote).splitlines():
        told, _, name = line.partition("\t")
        if told.startswith("ref: refs/heads/") and name == "HEAD":
            default = told.removeprefix("ref: refs/heads/")
        elif COMMIT.fullmatch(told):
            refs[name] = told
    return refs, default


def run(
    words: list[str],
    folder: Path | None = None,
    *,
    protocols: tuple[str, ...] = addresses.PROTOCOLS,
    secret_in: str = "",
) -> str:
    """What git prints. `secret_in` is an address whose user and password no message and no command line may tell.

    Errors: TrackerError with git's last lines where it fails; MissingLibrary where there is no git.
    """
    git = shutil.which("git")
    if git is None:
        raise MissingLibrary("git is not installed, and the project lies in a repository of git. Install it.")
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    place = ["-C", str(folder)] if folder else []
    environment = _environment(protocols)
    if secret_in in words and (bare := _without_password(secret_in)):
        words = [bare if word == secret_in else word for word in words]
        environment |= _password_of(secret_in, environment)
    status, out, err = _heard([git, *settings, *place, *words], environment)
    if status:
        raise TrackerError(
            f"git {_verb(words)} ended with {status}: {_told(err.decode('utf-8', 'replace'), secret_in)}"
        )
    return out.decode("utf-8", "replace")


def _heard(command: list[str], environment: dict[str, str]) -> tuple[int, bytes, bytes]:
    """A program's exit status and what it prints. What interrupts this ends the helpers that it started too, unless
    they may have to ask for a password: then the terminal's Ctrl-C reaches them.
    """
    is_alone = not _has_terminal()
    started: list[subprocess.Popen[bytes]] = []
    try:
        # Else one that was started by then would be nobody's.
        with held():
            process = subprocess.Popen(  # noqa: S603 - no shell, and no word that git could take for an option
                command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                start_new_session=is_alone,
            )  # fmt: skip
            started.append(process)
        out, err = process.communicate()
    except BaseException:
        for each in started:
            with each, contextlib.suppress(ProcessLookupError):
                os.killpg(each.pid, signal.SIGKILL) if is_alone else each.kill()
        raise
    return process.returncode, out, err


def _verb(words: list[str]) -> str:
    return next(word for word in words if not word.startswith("-") and "=" not in word)


def _environment(protocols: tuple[str, ...]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _OF_ONE}
    kept |= {
        "GIT_ALLOW_PROTOCOL": ":".join(protocols),
        "GIT_TEMPLATE_DIR": "",
        "LC_ALL": "C",
        "GIT_OPTIONAL_LOCKS": "0",
    }
    if not _has_terminal():
        # Nobody is there to answer. What the user says about ssh is kept, where it is said.
        kept["GIT_TERMINAL_PROMPT"] = "0"
        if "GIT_SSH" not in kept:
            kept["GIT_SSH_COMMAND"] = f"{kept.get('GIT_SSH_COMMAND') or 'ssh'} -oBatchMode=yes"
    return kept


def _without_password(remote: str) -> str:
    """An address of a web server without the user and the password that are in it; "" where no password is."""
    parts = urlsplit(remote)
    if parts.scheme not in {"http", "https"} or not parts.password:
        return ""
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _password_of(remote: str, environment: dict[str, str]) -> dict[str, str]:
    """What tells git the user and the password of an address: everybody may read command lines, its owner alone the
    environment of a process.
    """
    parts = urlsplit(remote)
    place = parts._replace(netloc=parts.netloc.rpartition("@")[2], path="/", query="", fragment="").geturl()
    user = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    told = environment.get("GIT_CONFIG_COUNT", "")
    number = int(told) if told.isdecimal() else 0
    return {
        "GIT_CONFIG_COUNT": str(number + 1),
        f"GIT_CONFIG_KEY_{number}": f"http.{place}.extraHeader",
        f"GIT_CONFIG_VALUE_{number}": f"Authorization: Basic {b64encode(user.encode()).decode()}",
    }


def _has_terminal() -> bool:
    return bool(sys.stdin and sys.stdin.isatty())


def _told(text: str, secret_in: str) -> str:
    """The last lines of git, as text that does nothing to a terminal and holds no password."""
    user = re.search(r"://([^/\s]*)@", secret_in)
    password = user[1].partition(":")[2] if user else ""
    text = without_secrets(text)
    for secret in {password, unquote(password)} - {""}:
        text = text.replace(secret, "…")
    lines = [re.sub(r"[^\t\x20-\x7e\xa0-\U0010ffff]", "", line) for line in text.splitlines() if line.strip()]
    return " ".join(lines[-_MOST_TOLD:])[-2000:] or "it does not say why."
