"""`tracker doctor`: finds out why nothing arrives."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import click

from tracker import __version__, ranks, settings
from tracker.command.output import as_json, print_json
from tracker.delivery.server import Server
from tracker.errors import Refused, TrackerError, Unavailable
from tracker.journal import shelf
from tracker.journal.reading import JournalReader, NoJournal
from tracker.notices import counted

MOST_CLOCK_SECONDS = 5.0
LEAST_FREE_BYTES = 500_000_000
_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "problem": ("✗", "red")}


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is (`ok`, `warning` or `problem`), and what to do about it."""

    about: str
    state: str
    message: str


@click.command()
@click.option("--uri", help="The server, in place of TRACKER_URI.")
@as_json
def doctor(uri: str | None, is_json: bool) -> None:
    """Find out why nothing arrives: address, token, clock, disk, journal."""
    findings = list(_findings(uri))
    if is_json:
        print_json({"version": __version__, "findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            mark, colour = _MARKS[finding.state]
            click.echo(f"{click.style(mark, fg=colour)} {finding.about}: {finding.message}")
    sys.exit(1 if any(finding.state == "problem" for finding in findings) else 0)


def _findings(uri: str | None) -> Iterator[Finding]:
    try:
        server = Server(settings.checked_uri(uri) if uri else settings.uri(), settings.token())
    except TrackerError as error:
        yield Finding("address", "problem", str(error))
    else:
        yield from _of_server(server)
    yield from _of_process()
    for about, look in (("disk", _of_disk), ("journal", _of_journals)):
        try:
            yield from look(settings.journal_folder())
        except (OSError, TrackerError) as error:
            yield Finding(about, "problem", f"{error}. Point TRACKER_JOURNAL at a folder that you may write.")


def _of_server(server: Server) -> Iterator[Finding]:
    source = "TRACKER_URI" if settings.text("TRACKER_URI") else "the default; TRACKER_URI is not set"
    try:
        begun = time.time()
        told = server.now()
    except Unavailable as error:
        yield Finding("address", "problem", f"{str(error).rstrip('.')} ({source}). {_advice(server.uri)}")
        return
    except Refused as error:
        yield from _of_refusal(server, error)
        return
    yield Finding("address", "ok", f"{server.uri} answers ({source})")
    yield Finding("token", "ok", "accepted" if settings.token() else "none is set, and none is asked for")
    yield _of_clock(told - (begun + time.time()) / 2)


def _of_refusal(server: Server, error: Refused) -> Iterator[Finding]:
    if error.status in {401, 403}:
        yield Finding("address", "ok", f"{server.uri} answers")
        yield Finding("token", "problem", f"{error} Set TRACKER_TOKEN to a token that is valid there.")
        return
    yield Finding(
        "address", "problem", f"{server.uri} answers {error.status}: this is no Trackerweb. Look at TRACKER_URI."
    )


def _advice(uri: str) -> str:
    parts = urlsplit(uri)
    if parts.hostname in {"127.0.0.1", "localhost", "::1"}:
        return f"Is the server running? Start it: python manage.py runserver {parts.port or 80}"
    return "Is the name right, and may this machine reach it (firewall, VPN, proxy)?"


def _of_clock(off_seconds: float) -> Finding:
    if abs(off_seconds) <= MOST_CLOCK_SECONDS:
        return Finding("clock", "ok", "agrees with the server's")
    direction = "behind" if off_seconds > 0 else "ahead of"
    told = f"this machine's is {abs(off_seconds):.0f} s {direction} the server's: times of points are off by as much."
    return Finding("clock", "warning", told)


def _of_process() -> Iterator[Finding]:
    number, name = ranks.rank()
    if number and settings.text("TRACKER_RANKS") != "all":
        yield Finding("rank", "warning", f"{name}={number}: only rank 0 logs. TRACKER_RANKS=all makes each log.")


def _of_disk(root: Path) -> Iterator[Finding]:
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=root) as probe:
        probe.write(b"tracker")
    status = os.statvfs(root)
    free, used, limit = status.f_bavail * status.f_frsize, shelf.usage_bytes(root), settings.journal_limit_bytes()
    told = f"{root} can be written; {free / 1e9:.1f} GB free, journals take {used / 1e6:.1f} MB of {limit / 1e9:.1f} GB"
    if used > limit:
        yield Finding("disk", "problem", f"{told}: no more is kept. Run tracker sync, or raise TRACKER_JOURNAL_LIMIT")
    elif free < LEAST_FREE_BYTES:
        yield Finding("disk", "warning", f"{told}. Free some room.")
    else:
        yield Finding("disk", "ok", told)


def _of_journals(root: Path) -> Iterator[Finding]:
    found = shelf.journals(root)
    left = [shelved for shelved in found if not shelved.is_open]
    if len(found) > len(left):
        yield Finding("journal", "ok", f"{counted(len(found) - len(left), 'run')} being logged now")
    for shelved in left:
        yield _of_one(shelved.folder)
    for folder in shelf.refused(root):
        yield Finding("refused", "warning", f"the server would not take some of what was logged; it is in {folder}")
    if not found:
        yield Finding("journal", "ok", f"nothing is left over in {root}")


def _of_one(folder: Path) -> Finding:
    try:
        reader = JournalReader(folder)
    except NoJournal as error:
        return Finding("journal", "problem", str(error))
    damaged = sum(1 for read in reader.entries(reader.first) if read.entry is None)
    torn = f", {counted(damaged, 'line')} damaged" if damaged else ""
    told = f"run {reader.header['run_id']} of {reader.header['uri']} is not delivered whole{torn}: run tracker sync"
    reader.close()
    return Finding("journal", "warning", told)
