"""Files of runs over HTTP: put, get in whole or part, list, zip, delete."""

import hashlib
import io
import os
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest
from django.test import Client

from runs.artifacts import store
from runs.artifacts.storage import blob_storage
from runs.models import Artifact
from tests.api import Api, assert_error
from tests.factories import make_run
from tests.runs.artifacts.test_paths import HARMLESS, HOSTILE

pytestmark = pytest.mark.django_db
api = Api()
URL = "/api/v1/runs/r1/artifacts/"


@pytest.fixture(autouse=True)
def run():
    return make_run(run_id="r1")


def get(path, **headers):
    return Client().get(URL + path, headers=headers)


def body_of(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def sha(content):
    return hashlib.sha256(content).hexdigest()


def test_a_file_is_put_and_comes_back_as_a_download():
    answer = api.send("PUT", URL + "plots/a b.txt", b"hello", content_type="text/html")
    assert answer.status == 201
    assert answer.body | {"creation_time": 0} == {
        "path": "plots/a b.txt",
        "is_folder": False,
        "size": 5,
        "sha256": sha(b"hello"),
        "media_type": "text/plain",
        "creation_time": 0,
    }
    response = get("plots/a b.txt")
    assert body_of(response) == b"hello"
    assert response["Content-Disposition"] == 'attachment; filename="a b.txt"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["ETag"] == f'"{sha(b"hello")}"'


def test_the_same_path_again_replaces_it():
    api.put(URL + "a", b"one")
    assert api.put(URL + "a", b"two").status == 200
    assert body_of(get("a")) == b"two"


def test_an_empty_file_is_a_file():
    assert api.put(URL + "empty").status == 201
    assert body_of(get("empty")) == b""
    assert api.put(f"{URL}again?sha256={sha(b'')}").status == 201


def test_the_hash_is_checked():
    assert_error(api.put(f"{URL}a?sha256={sha(b'else')}", b"x"), 400, field="sha256")
    assert_error(api.put(f"{URL}a?sha256=123", b"x"), 400, field="sha256")
    assert api.put(f"{URL}a?sha256={sha(b'x').upper()}", b"x").status == 201


def test_content_that_the_server_has_is_not_sent_again():
    assert_error(api.get(f"/api/v1/blobs/{sha(b'x')}/"), 404, "BLOB_UNKNOWN")
    assert_error(api.put(f"{URL}a?sha256={sha(b'x')}"), 404, "BLOB_UNKNOWN")
    api.put(URL + "a", b"x")
    assert api.get(f"/api/v1/blobs/{sha(b'x')}/").body == {"sha256": sha(b"x"), "size": 1}
    assert Client().head(f"/api/v1/blobs/{sha(b'x')}/").status_code == 200
    assert api.put(f"{URL}b?sha256={sha(b'x')}").status == 201
    assert body_of(get("b")) == b"x"


@pytest.mark.parametrize(
    ("asked", "status", "part", "content_range"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=4-", 206, b"456789", "bytes 4-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=-99", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=9-99", 206, b"9", "bytes 9-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=3-1", 200, b"0123456789", None),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
        ("bytes=-", 200, b"0123456789", None),
        ("lines=0-1", 200, b"0123456789", None),
        ("bytes=٣-٤", 200, b"0123456789", None),
        ("bytes=0-" + "9" * 30, 200, b"0123456789", None),
    ],
)
def test_a_range_is_answered(asked, status, part, content_range):
    api.put(URL + "a", b"0123456789")
    response = get("a", Range=asked)
    assert (response.status_code, body_of(response)) == (status, part)
    assert response.get("Content-Range") == content_range
    assert response["Accept-Ranges"] == "bytes"


def test_a_range_of_an_empty_file_is_not_satisfiable():
    api.put(URL + "a", b"")
    assert get("a", Range="bytes=0-").status_code == 416


def test_a_range_of_another_version_gets_the_whole():
    api.put(URL + "a", b"0123456789")
    assert get("a", Range="bytes=0-1", **{"If-Range": '"old"'}).status_code == 200
    assert get("a", Range="bytes=0-1", **{"If-Range": f'"{sha(b"0123456789")}"'}).status_code == 206


def test_what_the_client_has_is_not_sent():
    api.put(URL + "a", b"x")
    response = get("a", **{"If-None-Match": f'"{sha(b"x")}"'})
    assert (response.status_code, response.content) == (304, b"")


def test_head_tells_size_and_hash():
    api.put(URL + "a", b"12345")
    response = Client().head(URL + "a")
    assert (response["Content-Length"], response["ETag"]) == ("5", f'"{sha(b"12345")}"')
    assert response.content == b""


def test_a_folder_is_listed():
    for path in ("a/1", "a/2", "b"):
        api.put(URL + path, b"123")
    answer = api.get(URL)
    assert [entry["path"] for entry in answer.body["artifacts"]] == ["a", "b"]
    assert answer.body["artifacts"][0] == {"path": "a", "is_folder": True, "size": 6, "count": 2}
    assert [entry["path"] for entry in api.get(URL + "?path=a/").body["artifacts"]] == ["a/1", "a/2"]
    assert api.get(URL + "?path=a&limit=1").body["next_name"] == "1"
    assert [entry["path"] for entry in api.get(URL + "?path=a&after=1").body["artifacts"]] == ["a/2"]


def names_in(response):
    archive = zipfile.ZipFile(io.BytesIO(body_of(response)))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist()}


def test_a_run_or_a_folder_comes_as_a_zip():
    for path in ("top.txt", "a/b/1", "a/b/c/2"):
        api.put(URL + path, path.encode())
    zipped = Client().get("/api/v1/runs/r1/artifacts.zip")
    content = names_in(zipped)
    assert content == {"top.txt": b"top.txt", "a/b/1": b"a/b/1", "a/b/c/2": b"a/b/c/2"}
    folder = Client().get("/api/v1/runs/r1/artifacts.zip?path=a/b")
    assert folder["Content-Disposition"] == 'attachment; filename="b.zip"'
    assert int(folder["Content-Length"]) > 0
    assert set(names_in(folder)) == {"b/1", "b/c/2"}


def test_an_empty_zip_is_not_found():
    assert_error(api.get("/api/v1/runs/r1/artifacts.zip"), 404)
    assert_error(api.get("/api/v1/runs/nobody/artifacts.zip"), 404)


def test_a_file_is_deleted():
    api.put(URL + "a/1", b"x")
    api.put(URL + "a/2", b"x")
    assert api.delete(URL + "a/1").body == {"deleted": 1}
    assert api.delete(URL + "a").body == {"deleted": 1}
    assert_error(api.delete(URL + "a"), 404)
    assert_error(api.get(URL + "a/1"), 404)


def test_a_run_in_the_trash_is_read_only(run):
    api.put(URL + "a", b"x")
    run.trash()
    assert get("a").status_code == 200
    assert_error(api.put(URL + "b", b"x"), 409)
    assert_error(api.delete(URL + "a"), 409)


def test_a_body_without_a_length_is_refused():
    response = Client().put(URL + "a", b"", headers={"Transfer-Encoding": "chunked"})
    assert response.status_code == 411
    assert not Artifact.objects.exists()


@pytest.mark.parametrize("path", HOSTILE)
def test_no_hostile_path_is_stored_listed_read_or_deleted(path):
    encoded = quote(path, safe="")
    for method, address in [
        ("PUT", URL + encoded),
        ("GET", URL + encoded),
        ("DELETE", URL + encoded),
        ("GET", f"{URL}?path={encoded}"),
        ("GET", f"/api/v1/runs/r1/artifacts.zip?path={encoded}"),
    ]:
        assert_error(api.send(method, address, b"x" if method == "PUT" else None))
    assert not Artifact.objects.exists()


@pytest.mark.parametrize("path", HARMLESS)
def test_odd_names_come_back_as_they_are(path):
    address = URL + quote(path)
    assert api.put(address, b"x").body["path"] == path
    assert body_of(Client().get(address)) == b"x"
    assert [entry["path"] for entry in api.get(URL).body["artifacts"]] == [path.partition("/")[0]]
    assert set(names_in(Client().get("/api/v1/runs/r1/artifacts.zip"))) == {path}
    header = Client().get(address)["Content-Disposition"]
    assert header.startswith("attachment")
    assert "\n" not in header


@pytest.mark.parametrize("name", ["..%2f..%2fetc%2fpasswd", "%2e%2e", "..%255c..", "C:%5Cx"])
def test_a_hostile_run_id_or_hash_finds_nothing(name):
    assert api.get(f"/api/v1/runs/{name}/artifacts/a").status in (400, 404)
    assert api.get(f"/api/v1/blobs/{name}/").status in (400, 404)


def test_a_zip_is_refused_before_it_begins_when_a_content_is_missing(run):
    api.put(URL + "a", b"here")
    api.put(URL + "b", b"gone from the disk")
    os.unlink(blob_storage().path(store.name_of(sha(b"gone from the disk"))))
    assert_error(api.get("/api/v1/runs/r1/artifacts.zip"), 404)


def test_a_link_in_the_place_of_a_content_is_no_content_and_is_replaced(tmp_path):
    api.put(URL + "a", b"linked")
    place = Path(blob_storage().path(store.name_of(sha(b"linked"))))
    place.unlink()
    place.symlink_to(tmp_path)
    assert_error(api.get(f"/api/v1/blobs/{sha(b'linked')}/"), 404)
    api.put(URL + "a", b"linked")
    assert body_of(get("a")) == b"linked"
