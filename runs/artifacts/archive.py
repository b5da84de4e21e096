"""A folder of a run, or all of it, as one zip that is written while it is sent."""

from collections.abc import Iterator, Sequence

from zipstream import ZIP_STORED, ZipStream

from runs.artifacts.serving import BlobResponse
from runs.artifacts.store import open_blob
from runs.models import Artifact


def zip_of(artifacts: Sequence[Artifact], folder: str) -> ZipStream:
    """A stream of a zip with these files, named from the folder on. Its length is known before it is made.

    Nothing is packed tighter: models and pictures are packed already, and a known length gives the browser a bar.
    """
    stream = ZipStream(compress_type=ZIP_STORED, sized=True)
    above = folder[: folder.rfind("/") + 1]
    for artifact in artifacts:
        stream.add(_pieces(artifact), artifact.path.removeprefix(above), size=artifact.blob.size)
    return stream


def _pieces(artifact: Artifact) -> Iterator[bytes]:
    with open_blob(artifact.blob) as file:
        yield from iter(lambda: file.read(BlobResponse.block_size), b"")
