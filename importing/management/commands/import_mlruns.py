"""`manage.py import_mlruns PATH…`: what MLflow wrote becomes experiments and runs here."""

import sys
import time
from collections import Counter
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser

from importing import jobs, reports
from importing.models import Import, ImportFinding, ImportState
from importing.reporting import Level
from importing.sources import open_source
from trackerweb import startup
from trackerweb.progress import Progress

WATCH_SECONDS = 2.0
SHOWN = 20


class Command(BaseCommand):
    """May run beside a live server, and again at any time: only what is new is imported."""

    help = "Import what MLflow wrote: a folder (mlruns) of any age, an mlflow.db, a server. Again brings what is new."

    def add_arguments(self, parser: CommandParser) -> None:
        """What, and what to do with the report."""
        parser.add_argument("paths", nargs="+", metavar="PATH", help="mlruns, mlflow.db, or an address")
        parser.add_argument("--watch", action="store_true", help="go on: look for what is new every two seconds")
        parser.add_argument(
            "--report", type=Path, metavar="FILE", help="write all that was found as JSON; - for stdout"
        )

    def handle(self, *, paths: list[str], watch: bool, report: Path | None, **options: Any) -> None:
        """Import, tell, and again while it is watching.

        Errors: CommandError, and status 1, when something could not be read at all.
        """
        startup.ensure_database()
        done = [self._import(path) for path in paths]
        if report is not None:
            self._write(report, done)
        if watch:
            with suppress(KeyboardInterrupt):
                self._watch(paths)
        failed = [record for record in done if record.state != ImportState.FINISHED]
        if failed:
            raise CommandError("\n".join(record.error for record in failed))

    def _watch(self, paths: list[str]) -> None:
        while True:
            time.sleep(WATCH_SECONDS)
            for path in paths:
                self._follow(path)

    def _import(self, path: str) -> Import:
        with Progress() as progress:
            progress.begin(f"importing {Path(path).name}", unit=" runs")
            watcher = _Bar(progress)
            record = jobs.run(path, partial(open_source, path), watcher)
        self.stdout.write(reports.summary(record), ending="\n")
        self._tell_findings(record)
        return record

    def _tell_findings(self, record: Import) -> None:
        found = ImportFinding.objects.filter(of=record)
        for level in (Level.REFUSAL, Level.REPAIR, Level.NOTE):
            chosen = found.filter(level=level)
            for finding in chosen[:SHOWN]:
                self.stderr.write(f"  {level}: {finding.place}: {finding.reason}")
            left = chosen.count() - SHOWN
            if left > 0:
                self.stderr.write(f"  … and {left:,} more of these: see --report, or the page /import/.")

    def _follow(self, path: str) -> None:
        record = jobs.run(path, partial(open_source, path))
        if reports.brought_anything(record):
            self.stdout.write(reports.summary(record))
        else:
            record.delete()

    def _write(self, file: Path, records: list[Import]) -> None:
        content = msgspec.json.format(msgspec.json.encode([reports.told(record) for record in records]))
        if str(file) == "-":
            sys.stdout.write(content.decode() + "\n")
        else:
            file.write_bytes(content + b"\n")


class _Bar:
    """A bar that counts runs."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._done = progress, 0

    def __call__(self, counts: Counter[str]) -> None:
        done = sum(counts[kind] for kind in reports.RUNS)
        self._progress.advance(done - self._done)
        self._done = done
