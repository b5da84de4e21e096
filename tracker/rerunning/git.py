"""The user's git, asked for what either works or does not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def does(folder: Path, *words: str, content: bytes | None = None) -> bool:
    """Whether a command of git, in a folder and with `content` as its input, ended well. Where there is no git, or a
    word can't be one, it did not."""
    try:
        done = subprocess.run(  # noqa: S603 - no shell reads it
            ["git", "-C", str(folder), *words],  # noqa: S607 - the user's git, as on the command line
            input=content or b"",
            capture_output=True,
            env=os.environ | {"GIT_TERMINAL_PROMPT": "0"},
            check=False,
        )
    except (OSError, ValueError):
        return False
    return done.returncode == 0
