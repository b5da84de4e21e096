"""Large files in parts over MLflow's protocol."""

import os
import time
from urllib.parse import urlsplit

import pytest

from runs.artifacts import uploads
from tests.api import Api
from tests.factories import make_run
from tests.mlflow_api.face import fine, spoken

pytestmark = pytest.mark.django_db

PROXY = "/api/2.0/mlflow-artifacts"
FOLDER = "0/r1/artifacts/models"
MISSING = (404, "RESOURCE_DOES_NOT_EXIST")
INVALID = (400, "INVALID_PARAMETER_VALUE")
api = Api()


@pytest.fixture(autouse=True)
def run():
    return make_run(run_id="r1")


def begin(path: str = "/home/ada/model.bin", parts: int = 3) -> tuple[str, list[str]]:
    """The upload's id, and the addresses of its parts."""
    body = fine(api.post(f"{PROXY}/mpu/create/{FOLDER}", {"path": path, "num_parts": parts}))
    assert [part["part_number"] for part in body["credentials"]] == list(range(1, parts + 1))
    return body["upload_id"], [urlsplit(part["url"]).path for part in body["credentials"]]


def send(address: str, content: bytes) -> str:
    """The ETag of a part."""
    response = api.client.put(address, content, content_type="application/octet-stream")
    assert response.status_code == 200
    return response["ETag"]


def complete(upload_id: str, etags: list[str], path: str = "/home/ada/model.bin", folder: str = FOLDER):
    parts = [{"part_number": number, "etag": etag} for number, etag in enumerate(etags, 1)]
    return api.post(f"{PROXY}/mpu/complete/{folder}", {"path": path, "upload_id": upload_id, "parts": parts})


def stored() -> bytes:
    return b"".join(api.client.get(f"{PROXY}/artifacts/{FOLDER}/model.bin"))


@pytest.mark.parametrize("path", ["/home/ada/model.bin", "model.bin", r"C:\Users\ada\model.bin"])
def test_parts_in_any_order_become_one_file(path):
    upload_id, addresses = begin(path)
    etags = {number: send(addresses[number], b"%d" % number * 3) for number in (2, 0, 1)}
    assert fine(complete(upload_id, [etags[number] for number in range(3)], path)) == {}
    assert stored() == b"000111222"


def test_a_part_sent_again_takes_the_place_of_the_one_before():
    upload_id, addresses = begin(parts=2)
    send(addresses[0], b"broken")
    etags = [send(addresses[0], b"a"), send(addresses[1], b"b")]
    fine(complete(upload_id, etags))
    assert stored() == b"ab"


def test_a_file_of_which_a_part_is_missing_is_refused_and_can_be_finished_later():
    upload_id, addresses = begin(parts=2)
    etags = [send(addresses[0], b"a")]
    assert spoken(complete(upload_id, etags)) == INVALID
    assert spoken(complete(upload_id, [*etags, "0" * 64])) == INVALID
    assert api.get(f"{PROXY}/artifacts/{FOLDER}/model.bin").status == 404
    fine(complete(upload_id, [*etags, send(addresses[1], b"b")]))
    assert stored() == b"ab"


def test_an_upload_is_finished_as_what_it_was_begun_as():
    upload_id, addresses = begin(parts=1)
    etags = [send(addresses[0], b"a")]
    assert spoken(complete(upload_id, etags, "other.bin")) == INVALID
    make_run(run_id="r2")
    assert spoken(complete(upload_id, etags, folder="0/r2/artifacts/models")) == INVALID


def test_an_upload_that_was_finished_or_aborted_is_over(run):
    first, addresses = begin(parts=1)
    fine(complete(first, [send(addresses[0], b"a")]))
    second, _ = begin(parts=1)
    fine(api.post(f"{PROXY}/mpu/abort/{FOLDER}", {"path": "model.bin", "upload_id": second}))
    for upload_id in (first, second, "0" * 32, "../incoming", "x"):
        assert spoken(complete(upload_id, ["0" * 64])) == MISSING
        assert spoken(api.post(f"{PROXY}/mpu/abort/{FOLDER}", {"upload_id": upload_id})) == MISSING
        assert spoken(api.send("PUT", f"{PROXY}/mpu/parts/{upload_id.replace('/', '%2f')}/1", b"x"))[0] == 404


@pytest.mark.parametrize("number", [0, 4, 10**30])
def test_a_part_beyond_the_count_is_refused(number):
    upload_id, _ = begin(parts=3)
    assert spoken(api.send("PUT", f"{PROXY}/mpu/parts/{upload_id}/{number}", b"x")) == INVALID


@pytest.mark.parametrize("parts", [0 - 1, 10_001, 10**18])
def test_a_file_has_no_more_parts_than_that(parts):
    assert spoken(api.post(f"{PROXY}/mpu/create/{FOLDER}", {"path": "a", "num_parts": parts})) == INVALID


@pytest.mark.parametrize("path", ["..", "a/..", "", "a/", "\x00"])
def test_no_name_leads_elsewhere(path):
    assert spoken(api.post(f"{PROXY}/mpu/create/{FOLDER}", {"path": path, "num_parts": 1})) == INVALID


def test_a_run_in_the_trash_takes_no_upload(run):
    run.trash()
    assert spoken(api.post(f"{PROXY}/mpu/create/{FOLDER}", {"path": "a", "num_parts": 1})) == INVALID


def test_an_upload_is_dropped_when_nothing_came_for_a_day():
    old, _ = begin(parts=1)
    folder = uploads._uploads() / old
    os.utime(folder, (time.time() - uploads.KEPT_SECONDS - 1,) * 2)
    young, addresses = begin(parts=1)
    assert not folder.exists()
    fine(complete(young, [send(addresses[0], b"a")]))


def test_there_are_no_other_addresses_of_files():
    assert spoken(api.get(f"{PROXY}/presigned/{FOLDER}/a")) == (501, "NOT_IMPLEMENTED")
    assert spoken(api.post("/api/2.0/mlflow/artifacts/presigned-upload-url", {"run_id": "r1", "path": "a"})) == INVALID
    assert (
        spoken(api.post("/api/2.0/mlflow/artifacts/presigned-download-url", {"run_id": "r1", "path": "a"})) == INVALID
    )
