"""`tracker import`: sends folders of MLflow that lie here to a server, which imports them."""

import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from socket import gethostname
from typing import Any

import click

from tracker.command.meaning import server_at
from tracker.command.output import as_json, print_json, server_options
from tracker.delivery.server import Server
from tracker.errors import InvalidValue
from tracker.notices import counted
from tracker.sending.parcels import META, Parcel, parcels
from tracker.sending.sent import Sent, Stamp

POLL_SECONDS, WATCH_SECONDS = 0.2, 5.0
DATABASE, DATABASE_ENDINGS = "mlflow.db", (".db", ".sqlite", ".sqlite3")
SHOWN = 20
_COUNTED = {
    "new_runs": "new run", "grown_runs": "grown run", "points": "point", "files": "file",
    "versions": "registered version",
}  # fmt: skip


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--watch", is_flag=True, help="Go on: send what is new every few seconds.")
@server_options
@as_json
def import_(paths: tuple[Path, ...], watch: bool, uri: str | None, is_json: bool) -> None:
    """Send what MLflow wrote to the server: folders such as mlruns, databases such as mlflow.db.

    Again, it sends what is new since; interrupted, it goes on. Links are not followed.
    """
    server = server_at(uri)
    told = [_import(server, path, is_json) for path in paths]
    if is_json:
        print_json({"imports": told})
    while watch:
        time.sleep(WATCH_SECONDS)
        for path in paths:
            _import(server, path, is_json=is_json, is_again=True)
    if any(one["errors"] for one in told):
        sys.exit(1)


def _import(server: Server, path: Path, is_json: bool, is_again: bool = False) -> dict[str, Any]:
    root, sent = _root_of(path), Sent(path, server.uri)
    counts, findings, errors = Counter[str](), [], []
    with nullcontext(parcels(root, sent)) if root.is_dir() else _database(root, sent) as found:
        for parcel in found:
            told = _send(server, parcel, f"{gethostname()}:{path.resolve()}")
            counts.update({name: told["counts"].get(name, 0) for name in _COUNTED})
            findings += told["findings"]
            if told["state"] == "FINISHED":
                sent.note(parcel.news)
            else:
                errors.append(told["error"] or told["state"])
    if not is_json and (not is_again or counts.total() or errors):
        _tell(path, counts, findings, errors)
    return {"path": str(path), "counts": dict(counts), "findings": findings, "errors": errors}


def _root_of(path: Path) -> Path:
    """The store that a path means: itself, or `mlruns` in it.

    Errors: InvalidValue for what is none.
    """
    for root in (path, path / "mlruns"):
        if root.is_dir() and ((root / META).is_file() or any(root.glob(f"*/{META}"))):
            return root
    database = path / DATABASE if path.is_dir() else path
    if database.is_file() and database.suffix in DATABASE_ENDINGS:
        return database
    raise InvalidValue(f"{path} is no folder of MLflow (mlruns), and no database of it (mlflow.db).")


@contextmanager
def _database(file: Path, sent: Sent) -> Iterator[list[Parcel]]:
    """A database as it is now, whoever writes to it, with the files beside it."""
    parcel = Parcel(root="")
    for folder in (file.parent / name for name in ("mlruns", "mlartifacts", "artifacts")):
        for place in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if place.is_file() and not place.is_symlink():
                parcel.add(place.relative_to(file.parent).as_posix(), place, place.stat(), sent)
    stamp = _stamp_of(file)
    if sent.is_new(DATABASE, stamp):
        parcel.news[DATABASE] = stamp
    if not parcel.news:
        yield []
        return
    with tempfile.TemporaryDirectory() as copies:
        parcel.files[DATABASE] = _copy(file, Path(copies) / DATABASE)
        yield [parcel]


def _stamp_of(database: Path) -> Stamp:
    """How a database stands; what was written last may lie in its log."""
    log = database.with_name(f"{database.name}-wal")
    told = database.stat()
    return [told.st_size, told.st_mtime_ns, log.stat().st_mtime_ns if log.exists() else 0]


def _copy(database: Path, target: Path) -> Path:
    try:
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
    except sqlite3.Error as error:
        raise InvalidValue(f"{database} is no SQLite database that can be read: {error}.") from None
    return target


def _send(server: Server, parcel: Parcel, origin: str) -> Any:
    """Send a parcel, and wait until the server has imported it."""
    with tempfile.TemporaryFile() as packed:
        parcel.write(packed)
        size = packed.tell()
        packed.seek(0)
        told = server.post_zip("imports/", packed, size, origin=origin)
    while told["state"] == "RUNNING":
        time.sleep(POLL_SECONDS)
        told = server.get(f"imports/{told['import_id']}/")
    return server.get(f"imports/{told['import_id']}/")


def _tell(path: Path, counts: Counter[str], findings: list[Any], errors: list[str]) -> None:
    found = ", ".join(counted(counts[name], word) for name, word in _COUNTED.items() if counts[name])
    click.echo(f"{path}: {found or 'nothing new'}.")
    for finding in findings[:SHOWN]:
        click.echo(f"  {finding['level']}: {finding['place']}: {finding['reason']}", err=True)
    if len(findings) > SHOWN:
        click.echo(f"  … and {len(findings) - SHOWN:,} more: --json prints all, the page /import/ shows all.", err=True)
    for error in errors:
        click.echo(f"tracker: {error}", err=True)
