"""Values of the type path: made absolute here, downloaded from elsewhere."""

import functools
import http.server
import shutil
import threading
from pathlib import Path

import pytest

from tests.tracker.servers import ParrotServer
from tracker.errors import InvalidValue, Refused, Unavailable
from tracker.projects.definition import fetching


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The folder where the command is given."""
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "my data.csv").write_text("here")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def web(tmp_path):
    """The address of a server of files."""
    folder = tmp_path / "web"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub/my data.csv").write_bytes(b"x" * 3_000_000)
    handler = functools.partial(QuietHandler, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        self.server.asked = self.headers.get("Authorization")
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "/sub/my%20data.csv" if self.path == "/moved" else "file:///etc/passwd")
            self.end_headers()
        elif self.path.startswith("/secret") and self.headers.get("Authorization") != "Basic bWU6YSBi":
            self.send_error(401)
        else:
            self.path = self.path.removeprefix("/secret")
            super().do_GET()

    def log_message(self, *arguments):
        pass


def path_of(main, folder, value, storage=None, parameters="{n: {default: 1}, data: path}"):
    line = main("{data}", parameters).line({"data": value} if value is not None else {}, folder, storage)
    return line.command.strip("'")


@pytest.mark.parametrize(
    "value",
    [
        "my data.csv",
        "my%20data.csv",
        "./../here/my data.csv",
        "{here}/my data.csv",
        "file://{here}/my%20data.csv",
        "file://localhost{here}/my data.csv",
    ],
)
def test_a_path_of_this_machine_becomes_absolute(main, here, value):
    found = path_of(main, here, value.replace("{here}", str(here)))
    assert found == str(here / "my data.csv")


def test_the_run_is_told_the_path_as_it_was_given(main, here):
    line = main("{data}", "{data: path}").line({"data": "my data.csv"}, here)
    assert line.params == {"data": "'my data.csv'"}


@pytest.mark.parametrize("value", ["none.csv", "", "file:///none", "../none", "x" * 5000])
def test_a_path_where_nothing_is_is_refused(main, here, value):
    with pytest.raises(InvalidValue, match="no such file or folder"):
        path_of(main, here, value)


def test_a_default_that_is_not_here_counts_from_the_project(main, here, project, tmp_path):
    project(data__csv="theirs")
    parameters = "{data: {type: path, default: data.csv}}"
    assert path_of(main, tmp_path / "project", None, parameters=parameters) == f"{tmp_path}/project/data.csv"
    with pytest.raises(InvalidValue, match="no such file"):
        path_of(main, tmp_path / "project", "data.csv", parameters=parameters)
    (here / "data.csv").touch()
    assert path_of(main, tmp_path / "project", None, parameters=parameters) == f"{here}/data.csv"


def test_a_default_can_not_lead_out_of_the_project(main, tmp_path, here):
    (tmp_path / "out.csv").touch()
    project = tmp_path / "project"
    with pytest.raises(InvalidValue, match="no such file"):
        path_of(main, project / "sub", None, parameters="{data: {type: path, default: ../../out.csv}}")


@pytest.mark.parametrize("value", ["ftp://host/a", "gs://bucket/a", "foo:bar", "file://other/a", "http://[::1"])
def test_what_can_not_be_downloaded_is_refused(main, here, tmp_path, value):
    with pytest.raises(InvalidValue, match=r"can't be downloaded here|neither a path nor a URI"):
        path_of(main, here, value, tmp_path / "storage")
    assert not (tmp_path / "storage").exists()


def test_nothing_is_downloaded_while_another_value_is_wrong(main, here, tmp_path):
    entry = main("{a} {b}", "{a: path, b: path}")
    with pytest.raises(InvalidValue, match="b is 'none'"):
        entry.line({"a": "http://127.0.0.1:1/a", "b": "none"}, here, tmp_path / "storage")
    assert not (tmp_path / "storage").exists()


def test_a_file_of_the_web_is_downloaded_to_the_place_of_its_parameter(main, web, tmp_path, capfd):
    found = Path(path_of(main, tmp_path, f"http://{web}/sub/my%20data.csv?x=1#y", tmp_path / "storage"))
    assert found.stat().st_size == 3_000_000
    assert (found.name, found.parent.name, found.parents[2]) == ("my data.csv", "param_1", tmp_path / "storage")
    assert [path.name for path in found.parent.iterdir()] == [found.name]
    assert "downloads http://127" in capfd.readouterr().err


def test_each_run_has_a_folder_of_its_own_in_the_storage(main, web, tmp_path):
    one, two = (path_of(main, tmp_path, f"http://{web}/sub/my%20data.csv", tmp_path / "storage") for _ in range(2))
    assert one != two


def test_a_moved_file_is_followed_within_the_web(main, web, tmp_path):
    assert Path(path_of(main, tmp_path, f"http://{web}/moved", tmp_path)).stat().st_size == 3_000_000
    with pytest.raises(InvalidValue, match="address of file, which is not followed"):
        path_of(main, tmp_path, f"http://{web}/moved-out", tmp_path)


def test_who_asks_is_told_to_the_server_and_to_nobody_else(main, web, tmp_path, capfd):
    assert Path(path_of(main, tmp_path, f"http://me:a%20b@{web}/secret/sub/my%20data.csv", tmp_path)).exists()
    with pytest.raises(Refused, match="answers 401") as error:
        path_of(main, tmp_path, f"http://me:wrong@{web}/secret/sub/my%20data.csv", tmp_path)
    assert "wrong" not in str(error.value)
    assert "a%20b" not in capfd.readouterr().err


def test_a_server_that_leads_nowhere_is_said(main, tmp_path):
    answer = b"HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n"
    with ParrotServer(answer) as server, pytest.raises(Unavailable, match=r"data.csv leads on to what is no address"):
        path_of(main, tmp_path, f"{server.uri}/data.csv", tmp_path)


def test_what_ends_early_leaves_nothing_behind(main, tmp_path):
    with ParrotServer(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc") as server, pytest.raises(Unavailable):
        path_of(main, tmp_path, f"{server.uri}/data.csv", tmp_path / "storage")
    assert not list((tmp_path / "storage").iterdir())


def test_a_server_that_does_not_end_is_cut_off(main, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=100_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    answer = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200_000
    with ParrotServer(answer) as server, pytest.raises(Unavailable, match="more than 100,000 bytes"):
        path_of(main, tmp_path, f"{server.uri}/data.csv", tmp_path / "storage")
    assert not list((tmp_path / "storage").iterdir())


def test_what_the_disk_has_no_room_for_is_refused(main, tmp_path):
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % 2**60
    with ParrotServer(answer) as server, pytest.raises(Unavailable, match="disk has room for"):
        path_of(main, tmp_path, f"{server.uri}/data.csv", tmp_path)


def test_a_server_that_is_not_there_is_said(main, tmp_path):
    with pytest.raises(Unavailable, match=r"data.csv did not come: .*Connection refused") as error:
        path_of(main, tmp_path, "http://127.0.0.1:1/data.csv?signature=secret", tmp_path)
    assert "secret" not in str(error.value)


def test_a_storage_that_is_a_file_is_refused(main, tmp_path):
    (tmp_path / "storage").touch()
    with pytest.raises(InvalidValue, match="--storage-dir"):
        path_of(main, tmp_path, "http://127.0.0.1:1/data.csv", tmp_path / "storage")


@pytest.mark.parametrize(
    ("path", "name"),
    [("/a/b.csv", "b.csv"), ("/a/", "a"), ("/", "file"), ("/a/..", "file"), ("x" * 300, "x" * 200), ("a\\b", "ab")],
)
def test_the_name_of_a_file_is_one_that_can_be(path, name):
    assert fetching._file_name(path) == name


def test_a_file_with_a_colon_in_its_name_is_one(main, tmp_path, here):
    (here / "wine:v2.csv").touch()
    assert path_of(main, tmp_path, "wine:v2.csv") == str(here / "wine:v2.csv")
