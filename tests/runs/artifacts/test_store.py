"""Content is stored once, whole or not at all, and goes when nothing names it."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from experiments.models import AuditEntry
from runs.artifacts import store
from runs.artifacts.listing import Folder, list_folder
from runs.artifacts.storage import blob_storage
from runs.models import Artifact, Blob, Run
from tests.factories import make_run
from trackerweb.errors import Conflict, InvalidValue, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(tmp_path, settings):
    """Each test has a store of its own."""
    options = {"location": tmp_path / "artifacts"}
    backend = {"BACKEND": "runs.artifacts.storage.BlobStorage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"artifacts": backend}
    return tmp_path / "artifacts"


def files(folder: Path) -> list[Path]:
    return [place for place in folder.rglob("*") if place.is_file() and place.name != "blobs.lock"]


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def content_of(artifact: Artifact) -> bytes:
    with store.open_blob(artifact.blob) as file:
        return file.read()


def test_what_is_put_comes_back():
    artifact, made = store.put(make_run(), "a/b.txt", [b"hel", b"lo"])
    assert made
    assert content_of(artifact) == b"hello"
    assert (artifact.blob.size, artifact.blob.sha256, artifact.media_type) == (5, sha(b"hello"), "text/plain")


def test_equal_content_lies_on_the_disk_once(own_folder):
    for _ in range(3):
        store.put(make_run(), "same.bin", [b"same"])
    assert len(files(own_folder)) == 1
    assert Blob.objects.count() == 1


def test_content_with_another_hash_is_refused_and_leaves_nothing(own_folder):
    with pytest.raises(InvalidValue, match="Send it again"):
        store.put(make_run(), "a", [b"x"], sha256=sha(b"y"))
    assert files(own_folder) == []
    assert not Artifact.objects.exists()


def test_a_body_that_breaks_off_leaves_nothing(own_folder):
    def broken():
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        store.put(make_run(), "a", broken())
    assert files(own_folder) == []
    assert not Blob.objects.exists()


def test_known_content_is_taken_by_its_hash():
    run = make_run()
    store.put(run, "a", [b"x"])
    artifact, made = store.put_known(run, "b", sha(b"x"))
    assert made
    assert content_of(artifact) == b"x"
    with pytest.raises(store.UnknownBlob, match="Send it in the body"):
        store.put_known(run, "c", sha(b"y"))


def test_a_file_takes_the_place_of_the_one_before(own_folder):
    run = make_run()
    store.put(run, "a", [b"old"])
    artifact, made = store.put(run, "a", [b"newer"])
    assert not made
    assert content_of(artifact) == b"newer"
    assert len(files(own_folder)) == 1
    assert Run.objects.get(pk=run.pk).artifact_bytes == 5


def test_a_file_and_a_folder_cannot_share_a_path():
    run = make_run()
    store.put(run, "a/b", [b"x"])
    with pytest.raises(Conflict, match="is a folder"):
        store.put(run, "a", [b"x"])
    with pytest.raises(Conflict, match="is a file"):
        store.put(run, "a/b/c", [b"x"])


def test_a_run_in_the_trash_takes_no_files():
    run = make_run()
    store.put(run, "a", [b"x"])
    run.trash()
    with pytest.raises(Conflict):
        store.put(run, "b", [b"x"])
    with pytest.raises(Conflict):
        store.put_known(run, "b", sha(b"x"))
    with pytest.raises(Conflict):
        store.delete(Run.objects.get(pk=run.pk), "a")


def test_a_file_is_deleted_and_the_audit_trail_keeps_its_name_and_hash(own_folder):
    run = make_run()
    store.put(run, "a", [b"x"])
    assert store.delete(run, "a") == 1
    assert files(own_folder) == []
    assert AuditEntry.objects.get(action="delete artifact").before == {"a": sha(b"x")}
    assert Run.objects.get(pk=run.pk).artifact_bytes == 0


def test_a_folder_is_deleted_with_all_below_it():
    run = make_run()
    for path in ("a/1", "a/b/2", "ab/3", "a0", "a-/4"):
        store.put(run, path, [path.encode()])
    assert store.delete(run, "a") == 2
    assert set(run.artifacts.values_list("path", flat=True)) == {"ab/3", "a0", "a-/4"}
    with pytest.raises(NotFound):
        store.delete(run, "a")


def test_content_that_another_file_has_stays():
    one, other = make_run(), make_run()
    store.put(one, "a", [b"x"])
    kept, _ = store.put(other, "b", [b"x"])
    store.delete(one, "a")
    assert content_of(kept) == b"x"


def test_nothing_is_dropped_while_a_backup_holds_the_store():
    run = make_run()
    store.put(run, "a", [b"x"])
    with blob_storage().held():
        store.delete(run, "a")
        assert blob_storage().exists(store.name_of(sha(b"x")))
    assert store.drop_unused() == 1
    assert not blob_storage().exists(store.name_of(sha(b"x")))


def test_a_file_that_vanished_is_stored_again():
    run = make_run()
    artifact, _ = store.put(run, "a", [b"x"])
    os.unlink(blob_storage().path(store.name_of(artifact.blob.sha256)))
    with pytest.raises(NotFound, match="check_data"):
        store.open_blob(artifact.blob)
    assert content_of(store.put(run, "b", [b"x"])[0]) == b"x"


def test_a_link_among_the_blobs_is_not_followed(tmp_path):
    artifact, _ = store.put(make_run(), "a", [b"x"])
    secret = tmp_path / "secret"
    secret.write_text("secret")
    place = Path(blob_storage().path(store.name_of(artifact.blob.sha256)))
    place.unlink()
    place.symlink_to(secret)
    with pytest.raises(NotFound):
        store.open_blob(artifact.blob)


def test_what_a_dead_server_left_is_dropped_and_what_is_on_its_way_stays(own_folder):
    left = own_folder / "incoming" / "left"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    with blob_storage().incoming() as incoming:
        assert blob_storage().clear_incoming() == 1
        assert not left.exists()
        assert Path(incoming.place).exists()


def test_a_folder_lists_its_files_and_folders():
    run = make_run()
    for path in ("b.txt", "a/1.txt", "a/2.txt", "a/c/3.txt", "ab/4.txt"):
        store.put(run, path, [b"12345"])
    root = list_folder(run)
    assert [entry.path for entry in root.entries] == ["a", "ab", "b.txt"]
    assert root.entries[0] == Folder("a", count=3, size=15)
    assert [entry.path for entry in list_folder(run, "a").entries] == ["a/1.txt", "a/2.txt", "a/c"]
    assert list_folder(run, "nowhere").entries == []


def test_a_long_listing_comes_in_pages():
    run = make_run()
    for number in range(5):
        store.put(run, f"f{number}", [b"x"])
    seen, after = [], ""
    while after is not None:
        page = list_folder(run, "", after, limit=2)
        seen += [entry.path for entry in page.entries]
        after = page.next_name
    assert seen == [f"f{number}" for number in range(5)]


names = st.text("ab./-0é😀 ", min_size=1, max_size=4)
paths = st.lists(names, min_size=1, max_size=3).map("/".join)


@given(st.lists(paths, max_size=12))
@hypothesis_settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_file_is_found_by_walking_the_folders(given_paths):
    run = make_run()
    for path in given_paths:
        try:
            store.put(run, path, [b"x"])
        except (InvalidValue, Conflict):
            continue

    def walk(folder):
        for entry in list_folder(run, folder).entries:
            yield from walk(entry.path) if isinstance(entry, Folder) else [entry.path]

    assert sorted(walk("")) == sorted(run.artifacts.values_list("path", flat=True))
