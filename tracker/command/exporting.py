"""`tracker export`: runs of a search as a table, an experiment or a run as a zip."""

import os
from pathlib import Path

import click

from tracker.command.meaning import experiment_id, full_id, server_at
from tracker.command.output import as_json, print_json, server_options
from tracker.delivery.server import Server
from tracker.errors import InvalidValue

TABLES = ("csv", "json", "parquet")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("-e", "--experiment", help="Runs of this experiment, by name; as a zip, the experiment.")
@click.option("-r", "--run", "run_id", help="As a zip: this run, by id or name.")
@click.option("-f", "--filter", "filter_text", default="", help="Such as 'metrics.loss < 0.1'.")
@click.option("-o", "--order-by", multiple=True, help="Such as 'metrics.loss ASC'.")
@server_options
@as_json
def export(
    file: Path,
    experiment: str | None,
    run_id: str | None,
    filter_text: str,
    order_by: tuple[str, ...],
    uri: str | None,
    is_json: bool,
) -> None:
    """Write runs to FILE, whose ending says as what: .csv, .json or .parquet, a row a run, or .zip.

    A zip holds a run (--run) or an experiment (--experiment) with all it has, its files too. MLflow opens what is in
    it, and the page /import/ of another server takes it.
    """
    server = server_at(uri)
    kind = file.suffix.removeprefix(".").lower()
    if kind == "zip":
        address, query = _zip_address(server, experiment, run_id), {}
    elif kind in TABLES:
        chosen = {"experiment": experiment_id(server, experiment)} if experiment else {}
        address, query = f"export/runs.{kind}", chosen | {"filter": filter_text, "order_by": list(order_by)}
    else:
        raise InvalidValue(f"{file} ends with none of .csv, .json, .parquet and .zip, which say what to write.")
    half = file.with_name(f"{file.name}.half")
    try:
        with half.open("wb") as target:
            for piece in server.pieces(address, **query):
                target.write(piece)
        os.replace(half, file)
    finally:
        half.unlink(missing_ok=True)
    size = file.stat().st_size
    if is_json:
        print_json({"file": str(file), "bytes": size})
    else:
        click.echo(f"{file}: {size:,} bytes.")


def _zip_address(server: Server, experiment: str | None, run_id: str | None) -> str:
    if (experiment is None) == (run_id is None):
        raise InvalidValue("A zip holds one experiment or one run: name it with --experiment or --run.")
    if run_id is not None:
        return f"export/runs/{full_id(server, run_id)}.zip"
    return f"export/experiments/{experiment_id(server, experiment or '')}.zip"
