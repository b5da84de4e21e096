"""Requirements that name a package of the user's index, told from those that lead elsewhere or steer the installer."""

from __future__ import annotations

import re
from collections.abc import Iterable

from packaging.requirements import InvalidRequirement, Requirement

_COMMENT = re.compile(r"(?:^|\s)#.*")
#: pip takes such a name for a file, if there is one.
_ARCHIVE = re.compile(r"\.(?:whl|egg|zip|tgz|tbz|txz|tlz|tar(?:\.\w+)?)$", re.IGNORECASE)


def is_plain(line: str) -> bool:
    """Whether a line is `name[extras] specifiers ; markers`: no address, no path, no option."""
    try:
        told = Requirement(_COMMENT.sub("", line).strip())
    except (InvalidRequirement, RecursionError):
        return False
    return told.url is None and not _ARCHIVE.search(told.name)


def others(lines: Iterable[str]) -> list[str]:
    """The lines that are not plain."""
    return [line for line in lines if not is_plain(line)]
