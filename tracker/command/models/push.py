"""`tracker models push`: copies a model to a folder or a store."""

import click

from tracker.command.output import as_json, print_json
from tracker.notices import counted


@click.command()
@click.option("-m", "--model-uri", "uri", required=True, help="A folder, models:/name/3, models:/name@alias, …")
@click.argument("target", metavar="DEST")
@click.option("--overwrite", is_flag=True, help="Take the place of a model that is there.")
@as_json
def push(uri: str, target: str, overwrite: bool, is_json: bool) -> None:
    """Copy a model to DEST, a folder (/srv/models/digits) or s3://bucket/prefix, and verify it there.

    AWS_ENDPOINT_URL names a store that is not Amazon's. `serve`, `predict` and load_model take DEST for a model's
    address.
    """
    from tracker.deploying.push import push as push_to
    from tracker.models import uris

    pushed = push_to(uris.folder_of(uri), target, overwrite=overwrite)
    if is_json:
        print_json({"uri": pushed.uri, "files": pushed.files, "bytes": pushed.size_bytes})
    else:
        click.echo(f"{pushed.uri}: {counted(pushed.files, 'file')}, {pushed.size_bytes:,} bytes, verified.")
