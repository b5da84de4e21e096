"""What addresses say before `@`: who one is, and often a password, which nobody else may read."""

import re

_USERINFO = re.compile(r"(?<=://)[^/\s]*@")


def without_secrets(text: str) -> str:
    """A text without what stands before `@` in its addresses. The user of ssh stays: it is no secret, and needed."""
    return _USERINFO.sub(_user_of_ssh, text)


def _user_of_ssh(found: re.Match[str]) -> str:
    if not found.string[: found.start()].endswith("ssh://"):
        return ""
    user = found[0][:-1].partition(":")[0]
    return f"{user}@" if user else ""
