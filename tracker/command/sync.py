"""`tracker sync`: delivers journals that are left over."""

import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from tracker import settings
from tracker.command.output import as_json, print_json
from tracker.delivery.backoff import Backoff
from tracker.delivery.delivery import Delivery
from tracker.delivery.server import Server
from tracker.errors import TrackerError, Unavailable
from tracker.journal import shelf
from tracker.journal.reading import JournalReader, NoJournal
from tracker.leftovers import end_orphan
from tracker.notices import counted


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--uri", help="Deliver there, rather than where each journal says.")
@click.option("--keep", is_flag=True, help="Don't delete what was delivered.")
@click.option("--wait", default=30.0, show_default=True, help="Seconds to wait for a server that does not answer.")
@as_json
def sync(folders: tuple[Path, ...], uri: str | None, keep: bool, wait: float, is_json: bool) -> None:
    """Deliver what is left over from runs that ended without a server, or were killed.

    FOLDERS are journals, or folders of journals: also copies of them, from another machine. Without any it is
    TRACKER_JOURNAL. What has arrived before is not stored twice.
    """
    told = [_sync_one(shelved, uri, keep, wait, is_json) for shelved in _chosen(folders)]
    left = sum(one["left"] for one in told)
    if is_json:
        print_json({"journals": told, "left": left})
    elif not told:
        click.echo("Nothing is left over.")
    sys.exit(1 if left or any(one["problem"] for one in told) else 0)


def _chosen(folders: Sequence[Path]) -> list[shelf.Shelved]:
    roots = folders or [settings.journal_folder()]
    return [shelved for root in roots for shelved in shelf.journals(root)]


def _sync_one(shelved: shelf.Shelved, uri: str | None, keep: bool, wait: float, is_json: bool) -> dict[str, Any]:
    """Deliver one journal: what became of it."""
    told: dict[str, Any] = {"folder": str(shelved.folder), "run_id": "", "delivered": 0, "left": 0, "problem": ""}
    if shelved.is_open:
        told["problem"] = "its program is still running, and delivers it itself"
        _say(told, is_json)
        return told
    try:
        _deliver(shelved.folder, uri, keep, wait, is_json, told)
    except (TrackerError, OSError) as error:
        told["problem"] = str(error)
    _say(told, is_json)
    return told


def _deliver(folder: Path, uri: str | None, keep: bool, wait: float, is_json: bool, told: dict[str, Any]) -> None:
    header = JournalReader(folder).header
    told["run_id"] = header["run_id"]
    address = settings.checked_uri(uri or header["uri"])
    # A journal may come from anyone, and name any server: the token is for the one that we chose.
    server = Server(address, settings.token() if uri or address == settings.uri() else "")
    with shelf.held(folder) as is_ours:
        if not is_ours:
            raise NoJournal("another program is delivering it")
        end_orphan(folder, header, server)
        delivery = Delivery(folder, (server, server))
        told["left"] = before = delivery.entries.entries_left
        bar = click.progressbar(length=before, label=header["run_id"][:8], file=sys.stderr)
        with nullcontext() if is_json or not sys.stderr.isatty() else bar as shown:
            _deliver_all(delivery, wait, told, before, shown)
        if not keep:
            delivery.finish()


def _deliver_all(delivery: Delivery, wait: float, told: dict[str, Any], before: int, shown: Any) -> None:
    """Step by step, with pauses while the server does not answer.

    Errors: Unavailable when it has not answered for `wait` seconds; Refused when the run takes nothing.
    """
    backoff = Backoff()
    begun = delivery.entries.mark.number
    heard = time.monotonic()
    while True:
        try:
            moved = [lane.step() for lane in (delivery.entries, delivery.files)]
        except Unavailable as error:
            backoff.failed(error.retry_after_seconds)
            if time.monotonic() + backoff.seconds_left - heard > wait:
                raise
            time.sleep(backoff.seconds_left)
            continue
        heard = time.monotonic()
        backoff.worked()
        delivered = min(before, delivery.entries.mark.number - begun)
        if shown is not None:
            shown.update(delivered - told["delivered"])
        told["delivered"], told["left"] = delivered, before - delivered
        if not any(moved):
            told["left"] = 0
            return


def _say(told: dict[str, Any], is_json: bool) -> None:
    if is_json:
        return
    name = told["run_id"] or told["folder"]
    if told["problem"]:
        left = f" {counted(told['left'], 'entry')} are left in {told['folder']}." if told["left"] else ""
        click.echo(f"{name}: {told['problem']}{left}", err=True)
    else:
        click.echo(f"{name}: delivered {counted(told['delivered'], 'entry')}.")
