"""Runs an import and keeps its record: how far it is, what it found, how it ended."""

import re
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import connection

from importing.found import Source, Unreadable
from importing.importer import Importer, Stopped
from importing.models import Import, ImportFinding, ImportState
from importing.reporting import Finding, Report
from trackerweb.clock import now_ms
from trackerweb.errors import TrackerError
from trackerweb.transactions import write_transaction

#: How often the record is brought up to date.
TELL_MS = 500
FINDINGS_A_WRITE = 1_000
MAX_FINDINGS = 100_000

#: A name and password in an address.
_SECRET = re.compile(r"(?<=^http:)//[^/]*@|(?<=^https:)//[^/]*@")

OpenSource = Callable[[Report], Source]


class Job:
    """One import, from its record to its end. `watcher` hears of its counts, `tidy` is called before the end."""

    def __init__(
        self,
        record: Import,
        open_source: OpenSource,
        watcher: Callable[[Counter[str]], None] = lambda counts: None,
        tidy: Callable[[], None] = lambda: None,
    ) -> None:
        self.record, self._open, self._watcher, self._tidy = record, open_source, watcher, tidy
        self._findings: list[ImportFinding] = []
        self._found = Counter[str]()
        self._counts = Counter[str]()
        self._stored_ms = 0

    def run(self) -> None:
        """Import to the end; whatever stops it is in the record."""
        try:
            report = Report(self._take)
            source = self._open(report)
            self._store(origin=source.origin, total=source.count_runs())
            importer = Importer(source, report, self._advance)
            self._counts = importer.counts
            importer.run()
        except (Unreadable, TrackerError, OSError) as error:
            self._end(ImportState.FAILED, getattr(error, "message", str(error)))
        except Stopped:
            self._end(ImportState.STOPPED, "")
        except BaseException as error:
            self._end(ImportState.FAILED, f"{type(error).__name__}: {error}"[:1000])
            raise
        else:
            self._end(ImportState.FINISHED, "")

    def _take(self, finding: Finding) -> None:
        self._found[finding.level] += 1
        if self._found.total() > MAX_FINDINGS:
            return
        self._findings.append(
            ImportFinding(of=self.record, level=finding.level, place=finding.place, reason=finding.reason)
        )
        if len(self._findings) >= FINDINGS_A_WRITE:
            self._store_findings()

    def _advance(self, counts: Counter[str]) -> None:
        self._watcher(counts)
        if now_ms() - self._stored_ms >= TELL_MS:
            self._store()
            self._stop_if_asked()

    def _stop_if_asked(self) -> None:
        state = Import.objects.filter(pk=self.record.pk).values_list("state", flat=True).first()
        if state != ImportState.RUNNING:
            raise Stopped

    def _end(self, state: ImportState, error: str) -> None:
        self._tidy()
        self._store(state=state, error=error, end_time=now_ms())

    def _store(self, **fields: Any) -> None:
        self._store_findings()
        self._stored_ms = now_ms()
        told: dict[str, Any] = dict(self._counts) | {f"{level}s": count for level, count in self._found.items()}
        fields |= {"heartbeat_time": self._stored_ms, "counts": told}
        for name, value in fields.items():
            setattr(self.record, name, value)
        with write_transaction():
            Import.objects.filter(pk=self.record.pk).update(**fields)

    def _store_findings(self) -> None:
        if self._findings:
            with write_transaction():
                ImportFinding.objects.bulk_create(self._findings)
            self._findings = []


def begin(origin: str) -> Import:
    """The record of an import that begins now."""
    now = now_ms()
    with write_transaction():
        return Import.objects.create(origin=_SECRET.sub("//", origin), begin_time=now, heartbeat_time=now)


def run(origin: str, open_source: OpenSource, watcher: Callable[[Counter[str]], None] = lambda counts: None) -> Import:
    """Import here and now. Returns the record."""
    job = Job(begin(origin), open_source, watcher)
    job.run()
    return job.record


def start(record: Import, open_source: OpenSource, tidy: Callable[[], None] = lambda: None) -> None:
    """Import in a thread of its own, which the record watches; `tidy` is called at its end."""
    job = Job(record, open_source, tidy=tidy)

    def work() -> None:
        try:
            job.run()
        finally:
            connection.close()

    threading.Thread(target=work, name=f"import-{record.pk[:8]}", daemon=True).start()


def stop(record: Import) -> None:
    """Ask an import to stop, after the run that it is at."""
    with write_transaction():
        Import.objects.filter(pk=record.pk, state=ImportState.RUNNING).update(state=ImportState.STOPPED)
