"""What a rerun is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Options:
    """`changes` are params with other values, `without` packages to leave out. Empty texts: as before, or as usual.

    `links` are data to be linked into the code (linking.py). `to_stderr` leads there what the program prints.
    """

    manager: str = ""
    changes: Mapping[str, str] = field(default_factory=dict)
    experiment: str = ""
    name: str = ""
    without: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    keep: bool = False
    dry_run: bool = False
    to_stderr: bool = False
