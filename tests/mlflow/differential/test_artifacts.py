"""Files of runs, asked of MLflow and of us."""

from urllib.parse import quote

import pytest

from tests.mlflow.compare import alike, differs
from tests.mlflow.speaker import API, Answer, Speaker

PROXY = "/api/2.0/mlflow-artifacts/artifacts"


def root(server: Speaker, run: str) -> str:
    """Where the files of a run lie, as the proxy has it."""
    return str(server.tell(run)["run"]["info"]["artifact_uri"]).removeprefix("mlflow-artifacts:/")


def put(server: Speaker, address: str, content: bytes = b"content") -> Answer:
    """Store a file."""
    return server.ask("PUT", f"{PROXY}/{quote(address)}", content, "text/plain")


def filled(server: Speaker) -> tuple[str, str]:
    """A run with files, and where they lie."""
    run = server.run()
    place = root(server, run)
    for path in ("b.txt", "a/c.txt", "a/d/e.txt"):
        put(server, f"{place}/{path}")
    return run, place


def read(server: Speaker, address: str) -> None:
    """Read a file, with the headers that matter."""
    answer = server.ask("GET", f"{PROXY}/{quote(address)}")
    kept = ("x-content-type-options", "content-length")
    server.told.append({name: answer.headers.get(name) for name in kept} if answer.status == 200 else None)
    server.told.append(answer.headers.get("content-disposition", "").startswith("attachment"))


@alike
def test_a_file(server: Speaker):
    _, place = filled(server)
    read(server, f"{place}/b.txt")
    read(server, f"{place}/a/d/e.txt")


@alike
def test_an_empty_file(server: Speaker):
    place = root(server, server.run())
    put(server, f"{place}/empty", b"")
    read(server, f"{place}/empty")


@alike
def test_a_file_again(server: Speaker):
    place = root(server, server.run())
    for content in (b"old", b"newer"):
        put(server, f"{place}/a", content)
    read(server, f"{place}/a")


@pytest.mark.parametrize(
    "name", ["a b.txt", "ünï 💥.txt", "a+b&c=d.txt", "100%.txt", "a'b\".txt", "(x)[y].txt", ".hidden", "a,b;c"]
)
@alike
def test_a_file_of_an_odd_name(server: Speaker, name):
    run = server.run()
    place = root(server, run)
    put(server, f"{place}/{name}")
    read(server, f"{place}/{name}")
    server.get("artifacts/list", run_id=run)


@alike
def test_a_file_of_every_byte(server: Speaker):
    place = root(server, server.run())
    put(server, f"{place}/bytes.bin", bytes(range(256)) * 100)
    read(server, f"{place}/bytes.bin")


@alike
def test_a_missing_file(server: Speaker):
    _, place = filled(server)
    read(server, f"{place}/nothing.txt")
    read(server, f"{place}/b.txt/deeper")


@differs("codes of errors", theirs=(400, ""), ours=(400, "INVALID_PARAMETER_VALUE"))
def test_a_folder_read_as_a_file(server: Speaker):
    _, place = filled(server)
    return server.ask("GET", f"{PROXY}/{place}/a").outcome


@pytest.mark.parametrize("path", ["", "a", "a/", "a/d", "nothing", "b.txt"])
@alike
def test_a_folder_of_a_run(server: Speaker, path):
    run, _ = filled(server)
    server.get("artifacts/list", run_id=run, path=path)


@alike
def test_all_of_a_run(server: Speaker):
    run, _ = filled(server)
    server.get("artifacts/list", run_id=run)
    server.get("artifacts/list", run_uuid=run)


@alike
def test_a_run_without_files(server: Speaker):
    server.get("artifacts/list", run_id=server.run())


@alike
def test_files_of_a_run_that_is_not_there(server: Speaker):
    server.get("artifacts/list", run_id="nobody")
    server.get("artifacts/list")


@pytest.mark.parametrize("path", ["..", "../..", "a/../..", "/etc", "%2e%2e", "%252e%252e/x", "a/%2e%2e/b", "C:\\x"])
@alike
def test_a_folder_that_leads_elsewhere(server: Speaker, path):
    run, _ = filled(server)
    server.get("artifacts/list", run_id=run, path=path)


@pytest.mark.parametrize("path", ["a", "a/d", "nothing", "b.txt"])
@alike
def test_a_folder_of_the_proxy(server: Speaker, path):
    _, place = filled(server)
    server.ask("GET", f"{PROXY}?path={quote(f'{place}/{path}')}")


@alike
def test_the_root_of_a_run_in_the_proxy(server: Speaker):
    _, place = filled(server)
    server.ask("GET", f"{PROXY}?path={quote(place)}")


@pytest.mark.parametrize("path", ["..", "../x", "%2e%2e/x", "/etc/passwd"])
@alike
def test_a_folder_of_the_proxy_that_leads_elsewhere(server: Speaker, path):
    server.ask("GET", f"{PROXY}?path={quote(path)}")


@pytest.mark.parametrize("path", ["%2e%2e/x", "%252e%252e/x"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@alike
def test_a_file_that_leads_elsewhere(server: Speaker, method, path):
    place = root(server, server.run())
    server.ask(method, f"{PROXY}/{place}/{path}", None if method == "GET" else b"x", "text/plain")


@alike
def test_delete_a_file(server: Speaker):
    run, place = filled(server)
    server.ask("DELETE", f"{PROXY}/{place}/b.txt")
    server.get("artifacts/list", run_id=run)


@alike
def test_delete_a_folder(server: Speaker):
    run, place = filled(server)
    server.ask("DELETE", f"{PROXY}/{place}/a")
    server.get("artifacts/list", run_id=run)


@alike
def test_delete_what_is_not_there(server: Speaker):
    run, place = filled(server)
    server.ask("DELETE", f"{PROXY}/{place}/nothing")
    server.get("artifacts/list", run_id=run)


@alike
def test_a_file_by_query(server: Speaker):
    run, _ = filled(server)
    server.ask("GET", f"/get-artifact?run_id={run}&path=a/c.txt")
    server.ask("GET", f"/get-artifact?run_uuid={run}&path=b.txt")


@alike
def test_a_missing_file_by_query(server: Speaker):
    run, _ = filled(server)
    server.ask("GET", f"/get-artifact?run_id={run}&path=nothing")
    server.ask("GET", "/get-artifact?run_id=nobody&path=a")
    server.ask("GET", f"/get-artifact?run_id={run}&path=a")


@pytest.mark.parametrize("path", ["..", "../x", "%2e%2e/x", "/etc/passwd", "%252e%252e/x"])
@alike
def test_a_file_by_query_that_leads_elsewhere(server: Speaker, path):
    server.ask("GET", f"/get-artifact?run_id={server.run()}&path={path}")


UPLOAD = "/ajax-api/2.0/mlflow/upload-artifact"


@alike
def test_store_by_query(server: Speaker):
    run = server.run()
    server.ask("POST", f"{UPLOAD}?run_uuid={run}&path=a/b.txt", b"hi", "text/plain")
    server.get("artifacts/list", run_id=run, path="a")


@alike
def test_store_by_query_what_says_too_little(server: Speaker):
    run = server.run()
    server.ask("POST", f"{UPLOAD}?run_uuid={run}", b"hi", "text/plain")
    server.ask("POST", f"{UPLOAD}?path=a", b"hi", "text/plain")
    server.ask("POST", f"{UPLOAD}?run_uuid={run}&path=a", b"", "text/plain")
    server.ask("POST", f"{UPLOAD}?run_uuid=nobody&path=a", b"hi", "text/plain")


@alike
def test_store_by_query_what_leads_elsewhere(server: Speaker):
    server.ask("POST", f"{UPLOAD}?run_uuid={server.run()}&path=../x", b"hi", "text/plain")


@alike
def test_store_by_query_what_is_too_large(server: Speaker):
    server.ask("POST", f"{UPLOAD}?run_uuid={server.run()}&path=a", b"x" * (10 * 1024 * 1024 + 1), "text/plain")


@alike
def test_the_ajax_address_of_the_proxy(server: Speaker):
    run, place = filled(server)
    server.ask("GET", f"/ajax-api/2.0/mlflow-artifacts/artifacts/{place}/b.txt")
    server.ask("PUT", f"/ajax-api/2.0/mlflow-artifacts/artifacts/{place}/new", b"x", "text/plain")
    server.get("artifacts/list", run_id=run)


@alike
def test_presigned_addresses(server: Speaker):
    _, place = filled(server)
    server.ask("GET", f"/api/2.0/mlflow-artifacts/presigned/{place}/b.txt")
    for way in ("upload", "download"):
        server.ask("POST", f"{API}artifacts/presigned-{way}-url", {"run_id": server.run(), "path": "a"})


@alike
def test_a_trashed_run_shows_its_files(server: Speaker):
    run, place = filled(server)
    server.post("runs/delete", run_id=run)
    read(server, f"{place}/b.txt")
    server.get("artifacts/list", run_id=run)


@differs("files of trashed runs", theirs=200, ours=400)
def test_a_trashed_run_takes_no_files(server: Speaker):
    run = server.run()
    place = root(server, run)
    server.post("runs/delete", run_id=run)
    return put(server, f"{place}/late").status


@differs("files outside of runs", theirs=200, ours=404)
def test_a_file_of_no_run(server: Speaker):
    return put(server, "somewhere/else.txt").status


@differs("files and folders of one name", theirs=500, ours=400)
def test_a_file_below_a_file(server: Speaker):
    _, place = filled(server)
    return put(server, f"{place}/b.txt/below").status


@differs("what the server can do", theirs=501, ours=200)
def test_a_large_file_in_parts(server: Speaker):
    place = root(server, server.run())
    return server.ask("POST", f"/api/2.0/mlflow-artifacts/mpu/create/{place}", {"path": "a", "num_parts": 2}).status


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@differs("backslashes in paths", theirs=200, ours=400)
def test_a_file_that_leads_elsewhere_on_windows(server: Speaker, method):
    place = root(server, server.run())
    return server.ask(method, f"{PROXY}/{place}/a%5c..%5cx", b"x", "text/plain").status


@differs("backslashes in paths", theirs=200, ours=400)
def test_a_folder_that_leads_elsewhere_on_windows(server: Speaker):
    return server.ask("GET", f"{API}artifacts/list?run_id={server.run()}&path=..%5cx").status
