"""Projects that come as zips, from this machine and from servers; zips of strangers, and servers that are not well."""

import io
import socket
import stat
import struct
import time
import warnings
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tracker.errors import InvalidValue, Refused, TrackerError, Unavailable
from tracker.projects import downloading, sources
from tracker.projects.sources import zips


def packed(*members):
    """A zip of (name or ZipInfo, text)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        # Twice the same name, say.
        warnings.simplefilter("ignore")
        for name, text in members:
            archive.writestr(name, text)
    return file.getvalue()


def special(name, mode):
    member = zipfile.ZipInfo(name)
    member.external_attr = mode << 16
    return member


GOOD = packed(("project/train.py", "one"), ("project/run.sh", "ls"), ("empty/", ""))


def left_in(tmp_path):
    return list(tmp_path.glob("tracker-project-*"))


def test_a_zip_of_this_machine_is_unpacked(tmp_path):
    (tmp_path / "a.zip").write_bytes(GOOD)
    source = sources.fetched(f"{tmp_path}/a.zip#project")
    assert (source.folder / "train.py").read_text() == "one"
    assert (source.uri, source.commit, source.is_copy) == (f"{tmp_path}/a.zip#project", "", True)
    assert sources.fetched(f"file://{tmp_path}/a.zip").folder.joinpath("empty").is_dir()


def test_programs_in_a_zip_may_be_run(tmp_path):
    (tmp_path / "a.zip").write_bytes(packed((special("run.sh", stat.S_IFREG | 0o755), "ls"), ("train.py", "")))
    folder = sources.fetched(str(tmp_path / "a.zip")).folder
    assert folder.joinpath("run.sh").stat().st_mode & 0o777 == 0o755
    assert not folder.joinpath("train.py").stat().st_mode & 0o111


def test_what_git_keeps_in_a_zip_is_left_out(tmp_path):
    members = (".git/config", "a/.GIT", "sub/.git/hooks/x", "a/.gitignore", "git/x")
    (tmp_path / "a.zip").write_bytes(packed(*((name, "text") for name in members)))
    folder = sources.fetched(str(tmp_path / "a.zip")).folder
    found = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert found == {"a/.gitignore", "git/x"}


@pytest.mark.parametrize("below", ["", "deep/"])
def test_a_zip_is_no_repository_that_git_would_obey(tmp_path, below):
    names = ("HEAD", "config", "objects/x", "refs/x", "deep/train.py", "deep/HEAD", "deep/objects/x", "deep/refs/x")
    (tmp_path / "a.zip").write_bytes(packed(*((name, "") for name in names if name.startswith(below))))
    with pytest.raises(InvalidValue, match="a repository of git keeps of itself"):
        sources.fetched(f"{tmp_path}/a.zip#deep" if below else str(tmp_path / "a.zip"))
    assert not left_in(tmp_path)


def test_a_zip_has_no_versions(tmp_path):
    (tmp_path / "a.zip").write_bytes(GOOD)
    with pytest.raises(InvalidValue, match="a zip has none"):
        sources.fetched(str(tmp_path / "a.zip"), "main")


HOSTILE_NAMES = [
    "../out", "a/../../out", "/etc/out", "//out", "C:/out", "c:out", "..\\out", "a\\..\\..\\out", "\\\\host\\out",
    "a\0/../out", "a\nb", "..", "x" * 300, "/".join("x" * 60), "a/..",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_members_can_not_leave(tmp_path, name):
    member = zipfile.ZipInfo("placeholder")
    # zipfile itself would cut and change it.
    member.filename = member.orig_filename = name
    (tmp_path / "a.zip").write_bytes(packed(("train.py", "one"), (member, "out")))
    with pytest.raises(InvalidValue, match=r"a\.zip holds"):
        sources.fetched(str(tmp_path / "a.zip"))
    assert not left_in(tmp_path)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices_are_refused(tmp_path, kind):
    (tmp_path / "a.zip").write_bytes(packed((special("link", kind | 0o777), "/etc/passwd"), ("link/x", "")))
    with pytest.raises(InvalidValue, match="is a link or a device"):
        sources.fetched(str(tmp_path / "a.zip"))
    assert not left_in(tmp_path)


def with_bytes(content, place_of, offset, value):
    """A zip with a number of its directory changed."""
    changed = bytearray(content)
    at = changed.index(place_of) + offset
    changed[at : at + len(value)] = value
    return bytes(changed)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no zip at all", "can't be unpacked: File is not a zip file"),
        (b"", "can't be unpacked"),
        (GOOD[:-30], "can't be unpacked"),
        (packed(("a", "one"), ("a", "two")), "can't be unpacked: .*File exists"),
        (packed(("a", "one"), ("a/b", "two")), "can't be unpacked"),
        (with_bytes(GOOD, b"PK\x01\x02", 8, b"\x01\x00"), "is locked by a password"),
        (with_bytes(GOOD, b"PK\x01\x02", 10, b"\x63\x00"), "can't be unpacked"),
        (with_bytes(GOOD, b"PK\x01\x02", 16, b"\0\0\0\0"), "can't be unpacked: Bad CRC"),
        (with_bytes(GOOD, b"PK\x01\x02", 24, struct.pack("<I", 1)), "can't be unpacked"),
        (with_bytes(GOOD, b"PK\x01\x02", 42, struct.pack("<I", 10**9)), "can't be unpacked"),
    ],
)
def test_what_is_no_good_zip_is_said_and_nothing_is_left(tmp_path, content, message):
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(TrackerError, match=message):
        sources.fetched(str(tmp_path / "a.zip"))
    assert not left_in(tmp_path)


def test_bombs_are_refused_before_they_are_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(zips, "RATIO_FROM_BYTES", 1000_000)
    (tmp_path / "a.zip").write_bytes(packed(("zeros", "0" * 2_000_000)))
    with pytest.raises(InvalidValue, match="times its size"):
        sources.fetched(str(tmp_path / "a.zip"))
    monkeypatch.setattr(zips, "MOST_BYTES", 1_000_000)
    with pytest.raises(InvalidValue, match="would unpack to 2,000,000 bytes"):
        sources.fetched(str(tmp_path / "a.zip"))
    monkeypatch.setattr(zips, "MOST_FILES", 2)
    (tmp_path / "a.zip").write_bytes(GOOD)
    with pytest.raises(InvalidValue, match="holds 3 files"):
        sources.fetched(str(tmp_path / "a.zip"))
    assert not left_in(tmp_path)


class Handler(BaseHTTPRequestHandler):
    """Answers by path."""

    protocol_version = "HTTP/1.1"
    seen: list = []

    def do_GET(self):
        self.seen.append((self.path, self.headers.get("Authorization")))
        self.close_connection = True
        getattr(self, self.path.strip("/").partition(".")[0].split("/")[-1])()

    def head(self, status, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def good(self):
        self.head(200, Content_Length=str(len(GOOD)))
        self.wfile.write(GOOD)

    def cut(self):
        self.head(200, Content_Length=str(len(GOOD)))
        self.wfile.write(GOOD[:-30])

    def chunked_cut(self):
        self.head(200, Transfer_Encoding="chunked")
        self.wfile.write(b"10\r\n" + GOOD[:16] + b"\r\n")

    def slow(self):
        self.head(200, Content_Length=str(len(GOOD)))
        for place in range(100):
            self.wfile.write(GOOD[place : place + 1])
            time.sleep(0.05)

    def silent(self):
        time.sleep(2)

    def endless(self):
        self.head(200)
        for _ in range(1000):
            self.wfile.write(b"PK" * 10_000)

    def moved(self):
        self.head(302, Location="/good.zip", Content_Length="0")

    def loop(self):
        self.head(302, Location="/loop.zip", Content_Length="0")

    def file(self):
        self.head(302, Location="file:///etc/passwd", Content_Length="0")

    def nowhere(self):
        self.head(302, Location="http://[", Content_Length="0")

    def missing(self):
        self.head(404, Content_Length="0")

    def elsewhere(self):
        self.head(302, Location=f"http://localhost:{self.server.server_port}/good.zip", Content_Length="0")

    def log_message(self, *words):
        pass


@pytest.fixture
def uri(monkeypatch):
    monkeypatch.setattr(Handler, "seen", [])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *words: None
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_zip_of_a_server_is_unpacked_past_redirects(uri):
    source = sources.fetched(f"{uri}/moved.zip#project")
    assert (source.folder / "train.py").read_text() == "one"
    assert source.uri == f"{uri}/moved.zip#project"


def test_a_password_goes_to_its_host_alone_and_is_told_to_nobody(uri):
    source = sources.fetched(uri.replace("//", "//me:secret@") + "/elsewhere.zip?signature=x")
    assert [told for _, told in Handler.seen] == ["Basic bWU6c2VjcmV0", None]
    assert source.uri == f"{uri}/elsewhere.zip"


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        ("cut", Unavailable, "did not come"),
        ("chunked_cut", Unavailable, "did not come"),
        ("endless", Unavailable, "more than 100,000 bytes"),
        ("loop", Unavailable, "more than 5 times"),
        ("file", InvalidValue, "address of file, which is not followed"),
        ("nowhere", Unavailable, "leads on to what is no address"),
        ("missing", Refused, "answers 404"),
    ],
)
def test_servers_that_are_not_well_are_said_and_nothing_is_left(uri, path, error, message, tmp_path, monkeypatch):
    monkeypatch.setattr(zips, "MOST_PACKED_BYTES", 100_000)
    with pytest.raises(error, match=message):
        sources.fetched(f"{uri}/{path}.zip")
    assert not left_in(tmp_path)


@pytest.mark.parametrize(
    ("path", "seconds", "message"), [("slow", 1.5, "bytes a second"), ("silent", 0.2, "did not come")]
)
def test_servers_that_take_their_time_are_given_up(uri, path, seconds, message, tmp_path, monkeypatch):
    monkeypatch.setattr(downloading, "READ_SECONDS", seconds)
    with pytest.raises(Unavailable, match=message):
        sources.fetched(f"{uri}/{path}.zip")
    assert not left_in(tmp_path)


def test_a_server_that_is_not_there_is_said(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unavailable, match="did not come"):
        sources.fetched(f"http://me:secret@127.0.0.1:{port}/a.zip")


def test_a_redirect_from_https_to_http_is_not_followed():
    with pytest.raises(InvalidValue, match="address of http, which is not followed"):
        downloading._next("https://example.org/a.zip", "http://example.org/a.zip", "a.zip")
