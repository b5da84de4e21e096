"""`manage.py check_data`: does what is stored fit together? With --repair, what can be is put right."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from runs.checking import CHECKS, Check, Finding, Scope, look
from trackerweb import sqlite, startup
from trackerweb.progress import Progress


class Command(BaseCommand):
    """Looks for damage; beside a running server, too."""

    help = (
        "Check summaries, trees, counts, files and keys against what they are made of. Ends with 1 when one is wrong."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """How far to look, whether to mend, and how to tell."""
        parser.add_argument("--repair", action="store_true", help="put right what can be")
        parser.add_argument("--quick", action="store_true", help="files by presence and size only, no hashes")
        parser.add_argument("--json", action="store_true", help="a line of JSON for each finding")

    def handle(self, *, repair: bool, quick: bool, json: bool, **options: Any) -> None:
        """Tell each finding as it is found.

        Errors: CommandError, and status 1, when something is wrong and was not put right.
        """
        startup.require_database()
        sqlite.leave_checkpoints_to_the_server()
        self._repair, self._as_json = repair, json
        found = mended = left = 0
        with Progress() as progress:
            for check in CHECKS:
                progress.begin(check.name, check.total, unit="")
                for finding in look(check, Scope(quick, progress.advance)):
                    is_right = repair and finding.mend is not None and finding.mend()
                    found, mended = found + 1, mended + is_right
                    left += not (is_right or finding.is_harmless)
                    progress.say(self._told(check, finding, is_right), self.stdout)
        self._conclude(found, mended, left)

    def _told(self, check: Check, finding: Finding, is_right: bool) -> str:
        if self._as_json:
            told = {"check": check.name, "where": finding.where, "what": finding.what, "remedy": finding.remedy}
            state = {"harmless": finding.is_harmless, "repairable": finding.is_repairable, "repaired": is_right}
            return json.dumps(told | state)
        return f"{finding.where}: {finding.what}. {'Repaired.' if is_right else finding.remedy}"

    def _conclude(self, found: int, mended: int, left: int) -> None:
        if not self._as_json and found:
            self.stdout.write(f"{len(CHECKS)} checks, {found} findings, {mended} repaired.")
        if not self._as_json and not left:
            self.stdout.write("All is well.")
        if left:
            more = "" if self._repair else " --repair puts right what can be."
            raise CommandError(f"{left} {'thing is' if left == 1 else 'things are'} wrong.{more}")
