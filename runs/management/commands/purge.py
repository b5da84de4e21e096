"""`manage.py purge`: delete for good what has been in the trash for long, and give its room back to the disk."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.template.defaultfilters import filesizeformat, pluralize

from runs import keeping, purging
from runs.purging import Purge
from trackerweb import sqlite, startup

_UNITS = {"d": 1.0, "w": 7.0, "h": 1 / 24, "m": 1 / 1440}


def days(text: str) -> float:
    """`30d`, `2w`, `12h`, `90m` or `30` as days.

    Errors: argparse's, with the remedy.
    """
    number, unit = (text[:-1], text[-1]) if text[-1:] in _UNITS else (text, "d")
    try:
        amount = float(number)
    except ValueError:
        amount = -1
    if not 0 <= amount <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no age. Use one like 30d, 2w, 12h, or 0d for all of the trash.")
    return amount * _UNITS[unit]


def counted(number: int, word: str) -> str:
    """A number with its word: `1 run`, `1,204 points`."""
    return f"{number:,} {word}{pluralize(number)}"


class Command(BaseCommand):
    """May run beside a live server: it works in small steps and lets others write in between."""

    help = "Delete for good what has been in the trash for longer than an age, and free the room on the disk."

    def add_arguments(self, parser: CommandParser) -> None:
        """How old, and whether to do it."""
        parser.add_argument("--older-than", type=days, default=30.0, metavar="AGE", help="30d (default), 2w, 12h, 0d")
        parser.add_argument("--dry-run", action="store_true", help="say what would go, and leave it")
        parser.add_argument(
            "--keep-artifacts", action="store_true", help="copy the files to TRACKER_HOME/kept/<run id>/ first"
        )
        parser.add_argument(
            "--compact", action="store_true", help="then rewrite the database without gaps; writers wait meanwhile"
        )

    def handle(self, *, older_than: float, dry_run: bool, keep_artifacts: bool, compact: bool, **options: Any) -> None:
        """Tell what goes, and let it go. What an earlier purge left is finished, too."""
        startup.require_database()
        chosen = Purge.trashed_before(purging.days_ago(older_than))
        self._tell(chosen.preview(), dry_run)
        if dry_run:
            return
        if keep_artifacts:
            self.stdout.write(f"Kept {keeping.keep_files(chosen.runs):,} files in {keeping.folder()}.")
        chosen.mark()
        freed = purging.sweep(self._progress)
        if compact:
            sqlite.compact()
        self.stdout.write(f"Done: {filesizeformat(freed)} of files are free again.")

    def _tell(self, preview: purging.Preview, dry_run: bool) -> None:
        word = "Would delete" if dry_run else "Deleting"
        self.stdout.write(
            f"{word} {counted(preview.experiments, 'experiment')} and {counted(preview.runs, 'run')} with "
            f"{counted(preview.points, 'point')} and {counted(preview.artifacts, 'file')}: "
            f"about {filesizeformat(preview.size)}."
        )

    def _progress(self, left: int) -> None:
        if sys.stdout.isatty():
            self.stdout.write(f"\r{left:,} runs left ", ending="")
            self.stdout.flush()
