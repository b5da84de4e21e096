"""Files that are missing, damaged or nobody's are found, told and put right where that can be."""

import hashlib
import os
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from runs.artifacts import store
from runs.artifacts.storage import INCOMING, BlobStorage, blob_storage
from runs.checking import files
from runs.models import Artifact, Blob, Run
from tests.factories import make_run
from tests.runs.checking.damaging import findings, found, place_of, put, repair

pytestmark = pytest.mark.django_db


def test_a_missing_file_is_told_with_where_it_is_missed_and_can_be_sent_again():
    run = make_run()
    blob = put(run, "plots/roc.png").blob
    put(run, "again.png")
    os.unlink(place_of(blob))
    said = f"content {blob.sha256}: its file is missing. It is 'plots/roc.png' of run {run.run_id}, and 1 more."
    assert found() == ("contents", said, False)
    with pytest.raises(CommandError, match="1 thing is wrong"):
        repair()
    put(run, "plots/roc.png")
    assert findings() == []


@pytest.mark.parametrize(
    ("content", "said"), [(b"weight", "6 bytes that hash to"), (b"Weights", "7 bytes that hash to")]
)
def test_a_damaged_file_is_told_and_moved_away_so_that_it_can_be_sent_again(blobs, content, said):
    run = make_run()
    blob = put(run).blob
    with open(place_of(blob), "wb") as file:
        file.write(content)
    check, words, is_repairable = found()
    assert (check, is_repairable) == ("contents", False)
    assert said in words
    assert f"It is 'model.bin' of run {run.run_id}." in words
    with pytest.raises(CommandError, match="1 thing is wrong"):
        repair()
    assert (blobs / "damaged" / blob.sha256).read_bytes() == content
    assert found()[1].startswith(f"content {blob.sha256}: its file is missing.")
    put(run)
    assert findings() == []


def test_content_whose_file_is_lost_has_to_be_sent_again():
    run = make_run()
    blob = put(run).blob
    os.unlink(place_of(blob))
    with pytest.raises(store.UnknownBlob):
        store.put_known(run, "copy.bin", blob.sha256)


def test_a_quick_look_finds_a_truncated_file_and_not_a_changed_byte():
    blob = put(make_run()).blob
    with open(place_of(blob), "wb") as file:
        file.write(b"Weights")
    assert findings(quick=True) == []
    with open(place_of(blob), "wb") as file:
        file.write(b"wei")
    ((check, finding),) = findings(quick=True)
    assert check == "contents"
    assert "3 bytes" in finding.what


def test_a_link_in_place_of_a_file_is_not_followed(tmp_path_factory):
    blob = put(make_run()).blob
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "same"
    elsewhere.write_bytes(b"weights")
    os.unlink(place_of(blob))
    os.symlink(elsewhere, place_of(blob))
    assert "no file that can be read" in found()[1]
    with pytest.raises(CommandError):
        repair()
    put(make_run(), "sent again")
    assert findings() == []


def test_a_wrong_size_in_the_row_is_corrected():
    run = make_run()
    put(run)
    Blob.objects.update(size=5)
    Run.objects.update(artifact_bytes=5)
    assert found()[1].endswith("its row says 5 bytes, and it has 7")
    repair()
    assert (Blob.objects.get().size, Run.objects.get().artifact_bytes) == (7, 7)
    assert findings() == []


def test_content_that_no_run_has_is_told_as_harmless_and_deleted():
    blob = put(make_run()).blob
    Artifact.objects.all().delete()
    Run.objects.update(artifact_bytes=0)
    assert found() == ("unused contents", "contents: 1 that no run has any more take 7 bytes", True)
    said = StringIO()
    call_command("check_data", stdout=said)
    assert said.getvalue().endswith("All is well.\n")
    repair()
    assert not os.path.exists(place_of(blob))
    assert findings() == []


def test_content_that_no_run_has_and_that_is_lost_is_forgotten():
    os.unlink(place_of(put(make_run()).blob))
    Artifact.objects.all().delete()
    Run.objects.update(artifact_bytes=0)
    repair()
    assert not Blob.objects.exists()
    assert findings() == []


def test_nothing_goes_while_a_backup_holds_it():
    blob = put(make_run()).blob
    Artifact.objects.all().delete()
    Run.objects.update(artifact_bytes=0)
    with blob_storage().held():
        assert "0 repaired" in repair()
    assert os.path.exists(place_of(blob))


def test_a_file_that_no_row_names_is_found_and_deleted(blobs):
    sha256 = hashlib.sha256(b"left").hexdigest()
    (blobs / sha256[:2]).mkdir()
    (blobs / sha256[:2] / sha256).write_bytes(b"left")
    name = store.name_of(sha256)
    assert found() == ("files without a name", f"file {name}: no row names it, and it takes 4 bytes", True)
    repair()
    assert list((blobs / sha256[:2]).iterdir()) == []
    assert findings() == []


def test_a_file_that_is_just_being_deleted_is_no_finding(blobs, monkeypatch):
    sha256 = hashlib.sha256(b"going").hexdigest()
    (blobs / sha256[:2]).mkdir()
    (blobs / sha256[:2] / sha256).write_bytes(b"going")
    monkeypatch.setattr(files.time, "sleep", lambda _: (blobs / sha256[:2] / sha256).unlink())
    assert findings() == []


def test_a_file_that_is_not_ours_is_told_and_left(blobs):
    (blobs / "ab").mkdir()
    (blobs / "ab" / "notes.txt").write_text("mine")
    assert found() == (
        "files without a name", "file ab/notes.txt: this is not ours: contents are named by their hash", False
    )  # fmt: skip
    with pytest.raises(CommandError):
        repair()
    assert (blobs / "ab" / "notes.txt").exists()


def test_a_file_that_a_dead_server_left_is_found_and_deleted(blobs):
    (blobs / INCOMING).mkdir()
    (blobs / INCOMING / "tmpabc").write_bytes(b"half")
    assert found() == (
        "files left behind",
        "file incoming/tmpabc: a server died while it received this, and it takes 4 bytes",
        True,
    )
    repair()
    assert findings() == []


def test_a_file_that_is_being_received_is_no_damage():
    with blob_storage().incoming() as incoming:
        incoming.write(b"half")
        assert findings() == []


def test_the_storage_is_the_one_of_this_test(blobs):
    assert isinstance(blob_storage(), BlobStorage)
    assert str(blob_storage().location) == str(blobs)
