"""`tracker models predict`: scores files of any size."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from tracker.command.models.environment import ENVIRONMENTS, EXTRA, run_again
from tracker.errors import InvalidValue

FORMATS = ("csv", "json", "jsonl", "parquet")


@click.command(context_settings={"show_default": True})
@click.option("-m", "--model-uri", "uri", required=True, help="A folder, models:/name/3, s3://bucket/prefix, …")
@click.option("-i", "--input-path", "source", default="-", help="A file of rows; - is standard input.")
@click.option("-o", "--output-path", "target", default="-", help="Where predictions go; - is standard output.")
@click.option(
    "-t", "--content-type", "kind", type=click.Choice(FORMATS), help="Of the input, if its ending does not tell."
)
@click.option("--chunk-rows", default=10_000, type=click.IntRange(1), help="Rows in memory at a time.")
@click.option("--params", default="", help='Params of prediction, as JSON: {"temperature": 0.5}.')
@click.option("--keep-input", is_flag=True, help="Write the inputs too, beside their predictions.")
@click.option("--env-manager", default="local", type=click.Choice(ENVIRONMENTS), help="local is this Python.")
@click.option("--allow-pickle", is_flag=True, help="Let the model run code of its maker, as pickles do.")
def predict(
    uri: str, source: str, target: str, kind: str | None, params: str, env_manager: str, allow_pickle: bool, **told: Any
) -> None:
    """Write what a model predicts for a file of CSV, JSON or Parquet.

    JSON is a list of records, a record on each line, or the body of a request to a scoring server. The ending of the
    output says its format, or it has that of the input; it is written whole or not at all.
    """
    from tracker.models import mlmodel, uris

    folder = uris.folder_of(uri).resolve()
    mlmodel.read(folder)
    files = _path(source), _path(target)
    given = _params(params)
    if env_manager != "local":
        has_parquet = kind == "parquet" or any(str(file).endswith((".parquet", ".pq")) for file in files)
        run_again(env_manager, folder, extra=f"{EXTRA},parquet" if has_parquet else EXTRA, allow_pickle=allow_pickle)
    from tracker import batch
    from tracker.models import load_model

    model = load_model(folder, allow_pickle=allow_pickle)
    batch.score(model, *files, kind=kind, params=given, **told)


def _path(said: str) -> Path | None:
    return None if said == "-" else Path(said)


def _params(text: str) -> dict[str, Any] | None:
    if not text:
        return None
    try:
        told = json.loads(text)
    except ValueError as error:
        raise InvalidValue(f"--params {text[:80]!r} is no JSON: {error}.") from None
    if not isinstance(told, dict):
        raise InvalidValue(f'--params {text[:80]!r} is no object such as {{"temperature": 0.5}}.')
    return told
