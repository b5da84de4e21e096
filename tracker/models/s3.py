"""Models in stores of the S3 type, s3://bucket/prefix: put there, and brought from there.

AWS_ENDPOINT_URL names a store that is not Amazon's; credentials come from where boto3 looks: AWS_ACCESS_KEY_ID and
AWS_SECRET_ACCESS_KEY, ~/.aws, the machine's role.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from tracker import values
from tracker.errors import InvalidModel, InvalidValue, MissingLibrary, Refused, Unavailable
from tracker.models import downloads
from tracker.models.downloads import File
from tracker.models.mlmodel import FILE_NAME

_DIGEST = "sha256"
_PIECE = 1024**2


@dataclass(frozen=True)
class Bucket:
    """A place in a store: what lies below a prefix."""

    uri: str
    name: str
    prefix: str
    client: Any

    @classmethod
    def at(cls, uri: str) -> Bucket:
        """The place of an address.

        Errors: InvalidValue for one without bucket or prefix; MissingLibrary.
        """
        parts = urlsplit(uri)
        prefix = parts.path.strip("/")
        if not parts.netloc or not prefix or parts.query or parts.fragment:
            raise InvalidValue(f"{uri!r} names no place for a model. Write s3://bucket/prefix.")
        return cls(uri, parts.netloc, values.check_path(prefix), _client())

    def keys(self) -> dict[str, dict[str, Any]]:
        """What lies there, by its path below the prefix, as the store lists it.

        Errors: Unavailable, Refused.
        """
        with _told(self.uri):
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=f"{self.prefix}/")
            listed = [entry for page in pages for entry in page.get("Contents", ())]
        # Some consoles make an empty object of a folder.
        return {entry["Key"][len(self.prefix) + 1 :]: entry for entry in listed if not entry["Key"].endswith("/")}

    def object(self) -> File | None:
        """The object that lies at the very place of the address; None for none.

        Errors: Unavailable, Refused.
        """
        try:
            with _told(self.uri):
                head = self.client.head_object(Bucket=self.name, Key=self.prefix)
        except Refused as error:
            if error.status != 404:
                raise
            return None
        return File(self.prefix, "", int(head["ContentLength"]), str(head["ETag"]))

    def put(self, file: Path, place: str) -> None:
        """Put a file there, and read it again: what came back is what was sent.

        Errors: Unavailable, Refused.
        """
        digest = digest_of(file)
        with _told(self.uri):
            more = {"Metadata": {_DIGEST: digest}}
            self.client.upload_file(str(file), self.name, self._key(place), ExtraArgs=more)
            body = self.client.get_object(Bucket=self.name, Key=self._key(place))["Body"]
            found = hashlib.sha256()
            for piece in body.iter_chunks(_PIECE):
                found.update(piece)
        if found.hexdigest() != digest:
            raise Unavailable(f"{self.uri} gives back {place!r} with other content than was sent. Try again.")

    def fetch(self, file: File, target: Path) -> None:
        """Bring a file from there.

        Errors: Unavailable for other content than its maker noted, or another size; Refused.
        """
        with _told(self.uri), target.open("xb") as content:
            told = self.client.get_object(Bucket=self.name, Key=self._key(file.place), IfMatch=file.sha256)
            for piece in told["Body"].iter_chunks(_PIECE):
                content.write(piece)
        noted = told.get("Metadata", {}).get(_DIGEST)
        if target.stat().st_size != file.size or (noted and digest_of(target) != noted):
            raise Unavailable(f"{file.place!r} came from {self.uri} with other content than was sent there. Try again.")

    def remove(self, places: list[str]) -> None:
        """Take files away."""
        with _told(self.uri):
            for place in places:
                self.client.delete_object(Bucket=self.name, Key=self._key(place))

    def _key(self, place: str) -> str:
        return f"{self.prefix}/{place}" if place else self.prefix


def folder_of(uri: str) -> Path:
    """A folder that holds the files of a model in a store; what is there already is not brought again.

    Errors: InvalidModel for no model; InvalidValue, Unavailable, Refused.
    """
    bucket = Bucket.at(uri)
    listed = bucket.keys()
    if FILE_NAME not in listed:
        raise InvalidModel(f"{uri} holds no file MLmodel, so it is no model, or one that is just being replaced.")
    # A store's own tag stands for the content, whichever way it makes it.
    files = [
        File(place, values.check_path(place), int(entry["Size"]), str(entry["ETag"])) for place, entry in listed.items()
    ]
    return downloads.kept(f"{bucket.client.meta.endpoint_url} {uri}", files, bucket.fetch)


def download(uri: str, folder: Path) -> Path:
    """Bring an object, or all that lie below a prefix, into a folder; the path of what came.

    Errors: InvalidValue for an address where nothing lies; Unavailable, Refused, MissingLibrary.
    """
    bucket = Bucket.at(uri)
    target = folder / PurePosixPath(bucket.prefix).name
    file = bucket.object()
    if file is not None:
        _fetch_whole(bucket, file, target)
        return target
    listed = bucket.keys()
    if not listed:
        raise InvalidValue(f"{uri} names nothing: neither an object nor a prefix of some.")
    for key, entry in listed.items():
        place = values.check_path(key)
        (target / place).parent.mkdir(parents=True, exist_ok=True)
        _fetch_whole(bucket, File(key, key, int(entry["Size"]), str(entry["ETag"])), target / place)
    return target


def _fetch_whole(bucket: Bucket, file: File, target: Path) -> None:
    """A file that has its name once it is whole."""
    coming = target.with_name(f".{target.name}.coming")
    try:
        bucket.fetch(file, coming)
        os.replace(coming, target)
    finally:
        coming.unlink(missing_ok=True)


def digest_of(file: Path) -> str:
    """The SHA-256 of a file's content, in hex."""
    found = hashlib.sha256()
    with file.open("rb") as content:
        while piece := content.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def _client() -> Any:
    try:
        import boto3
        from botocore.config import Config
    except ImportError:
        raise MissingLibrary("s3:// needs boto3: pip install 'trackerweb[s3]'.") from None
    # Older stores do not know the checksums that boto3 adds by itself; files are read again instead.
    config = Config(
        request_checksum_calculation="when_required", response_checksum_validation="when_required",
        retries={"mode": "standard"}, connect_timeout=10,
    )  # fmt: skip
    from botocore.exceptions import BotoCoreError

    try:
        return boto3.client("s3", config=config)
    except (BotoCoreError, ValueError) as error:
        raise InvalidValue(f"boto3 is not set up for s3://: {error}") from None


@contextmanager
def _told(uri: str) -> Iterator[None]:
    """What goes wrong in a store, in our errors."""
    from boto3.exceptions import Boto3Error
    from botocore import exceptions

    try:
        yield
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError) as error:
        raise InvalidValue(f"{uri}: {error}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.") from None
    except exceptions.ClientError as error:
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        raise Refused(f"{uri}: {error}", status, str(error.response.get("Error", {}).get("Code", ""))) from None
    except Boto3Error as error:
        raise Refused(f"{uri}: {error}", 0) from None
    except exceptions.BotoCoreError as error:
        raise Unavailable(f"{uri}: {error}") from None
