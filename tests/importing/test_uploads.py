"""Zips that are sent: over the API and from the page. They are from strangers."""

import io
import time
import zipfile

import pytest

from tests.importing.eras import MlrunsFolder, write

EVIL = ["../evil", "/etc/evil", "a/../../evil", "..\\evil", "C:\\evil", "a/\0evil", "%2e%2e/evil"]


@pytest.fixture
def api(shared_server):
    return shared_server.client()


def zipped(folder, extra=()):
    """A folder as a zip, with members that no folder could hold."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for place in sorted(folder.rglob("*")):
            archive.write(place, place.relative_to(folder.parent))
        for name, text in extra:
            archive.writestr(name, text)
    return content.getvalue()


def send(api, content, origin="test"):
    answer = api.send("POST", f"/api/v1/imports/?origin={origin}", content, **{"Content-Type": "application/zip"})
    assert answer.status == 202, answer
    return wait(api, answer.body["import_id"])


def wait(api, import_id):
    deadline = time.monotonic() + 60
    while True:
        told = api.get(f"/api/v1/imports/{import_id}/").body
        if told["state"] != "RUNNING":
            return told
        assert time.monotonic() < deadline
        time.sleep(0.05)


def written(tmp_path, run_id):
    store = MlrunsFolder(tmp_path / "mlruns")
    run = store.run(store.experiment("1", f"sent-{run_id}"), run_id)
    store.point(run, "loss", 0.5)
    write(run / "artifacts" / "a.txt", "hello")
    return store, run


def test_a_zip_of_a_folder_comes_over(api, tmp_path, shared_server):
    store, _ = written(tmp_path, "zip1")
    told = send(api, zipped(store.root))
    assert (told["state"], told["counts"]["new_runs"], told["counts"]["files"]) == ("FINISHED", 1, 1)
    assert api.get("/api/v1/runs/zip1/").body["name"] == "first"
    assert not list((shared_server.home / "imports").glob("*"))


def test_the_same_folder_sent_again_brings_what_is_new(api, tmp_path):
    store, run = written(tmp_path, "zip2")
    send(api, zipped(store.root), "laptop")
    assert send(api, zipped(store.root), "laptop")["counts"]["same_runs"] == 1
    store.point(run, "loss", 0.25, 1)
    assert send(api, zipped(store.root), "laptop")["counts"]["points"] == 1


def test_members_that_lead_elsewhere_are_left_out(api, tmp_path, shared_server):
    store, _ = written(tmp_path, "zip3")
    told = send(api, zipped(store.root, [(name, "evil") for name in EVIL]))
    assert told["counts"]["new_runs"] == 1
    assert told["counts"]["refusals"] >= len(EVIL) - 1
    assert not list(shared_server.home.rglob("*evil*"))


def test_a_link_in_a_zip_is_left_out(api, tmp_path):
    store, _ = written(tmp_path, "zip4")
    link = zipfile.ZipInfo("mlruns/1/zip4/artifacts/link")
    link.external_attr = 0o120777 << 16
    told = send(api, zipped(store.root, [(link, "/etc/passwd")]))
    assert any("link" in finding["reason"] for finding in told["findings"])
    listed = api.get("/api/v1/runs/zip4/artifacts/").body["artifacts"]
    assert [item["path"] for item in listed] == ["a.txt"]


def test_a_bomb_is_not_unpacked(api, tmp_path):
    content = io.BytesIO()
    with (
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("mlruns/bomb", "w", force_zip64=True) as member,
    ):
        for _ in range(300):
            member.write(bytes(1 << 20))
    told = send(api, content.getvalue())
    assert told["state"] == "FAILED"
    assert "would unpack to" in told["error"]


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04broken"])
def test_what_is_no_zip_is_refused_at_once(api, content, shared_server):
    answer = api.send("POST", "/api/v1/imports/", content, **{"Content-Type": "application/zip"})
    assert answer.status == 400
    assert "no zip" in answer.body["message"]
    assert not list((shared_server.home / "imports").glob("*"))


def test_a_zip_that_holds_nothing_to_import_fails_with_its_reason(api, tmp_path):
    write(tmp_path / "mlruns" / "a.txt", "x")
    assert "nothing that can be imported" in send(api, zipped(tmp_path / "mlruns"))["error"]


def test_an_import_that_is_not_there_is_told(api):
    assert api.get("/api/v1/imports/none/").status == 404


def test_imports_are_listed(api, tmp_path):
    store, _ = written(tmp_path, "zip5")
    told = send(api, zipped(store.root))
    listed = api.get("/api/v1/imports/").body["imports"]
    assert told["import_id"] in [item["import_id"] for item in listed]
