"""Lines of a journal: a checksum, a space, JSON, a line feed. docs/journal.md says what the JSON may hold."""

import json
from typing import Any
from zlib import crc32

VERSION = 1

Entry = dict[str, Any]


def line_of(text: str) -> bytes:
    """The line of an entry. `text` is its JSON in ASCII, as `json.dumps` writes it: without line feeds."""
    raw = text.encode("ascii")
    return b"%08x %b\n" % (crc32(raw), raw)


def entry_of(line: bytes) -> Entry | None:
    """The entry of a line without its line feed; None for one that is damaged."""
    try:
        if int(line[:8], 16) != crc32(line[9:]) or line[8:9] != b" ":
            return None
        entry = json.loads(line[9:].decode("ascii"))
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None
