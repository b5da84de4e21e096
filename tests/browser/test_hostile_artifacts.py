"""Files that attack whoever looks at them, stored in a real server and opened in a real browser.

Each is opened on the Artifacts page and alone at the preview route; what can be pressed in it is pressed. Afterwards
nothing of ours bears a mark, no run was made or thrown away, and a second server was asked for nothing.
"""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Dialog, Download, Error, Page

from tests.browser.hostile_corpus import corpus
from tests.server import RealServer

pytestmark = pytest.mark.slow

CORPUS = corpus()
#: For what waits: redirects, workers, retries.
LINGER_MS = 100


class Stranger(ThreadingHTTPServer):
    """Another server on this machine, that keeps what it is asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.url, self.requests = f"http://127.0.0.1:{self.server_port}", []


class Answer(BaseHTTPRequestHandler):
    server: Stranger

    def parse_request(self):
        self.server.requests.append(self.raw_requestline)
        return super().parse_request()

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def stranger() -> Iterator[Stranger]:
    server = Stranger()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def server(tmp_path_factory, stranger) -> Iterator[RealServer]:
    """A server with the whole corpus in one run."""
    running = RealServer(tmp_path_factory.mktemp("victim")).start()
    client = running.client()
    assert client.put("/api/v1/runs/victim/", {"name": "victim"}).status == 201
    for path, content in CORPUS.values():
        aimed = content.replace(b"OURS", running.url.encode()).replace(b"STRANGER", stranger.url.encode())
        answer = client.send("PUT", f"/api/v1/runs/victim/artifacts/{quote(path)}", aimed)
        assert answer.status == 201, (path, answer)
    yield running
    running.stop()


@pytest.fixture
def context(chromium) -> Iterator[BrowserContext]:
    """A browser of its own for each file, whose console may complain: it should."""
    context = chromium.new_context()
    yield context
    context.close()


def look(page: Page, url: str) -> None:
    """Open it, press what can be pressed in it, and wait a little."""
    # What is offered as a download, or refused, ends the navigation.
    with contextlib.suppress(Error):
        page.goto(url, wait_until="load", timeout=30_000)
    page.wait_for_timeout(LINGER_MS)
    with contextlib.suppress(Error):
        for link in page.locator(".preview a").filter(has_text="press").all()[:4]:
            link.click(timeout=500, no_wait_after=True)
    for x, y in _places(page, url):
        page.mouse.click(x, y)
        page.wait_for_timeout(LINGER_MS / 2)


def _places(page: Page, url: str) -> list[tuple[float, float]]:
    """Where a document or the frame of one is pressed. By place and not by element: a frame that was refused has no
    document, and asking it would wait for ever.
    """
    corner = (0.0, 0.0)
    if "/artifacts/" in url:
        frame = page.locator(".preview iframe")
        box = frame.bounding_box() if frame.count() else None
        if box is None:
            return []
        corner = (box["x"], box["y"])
    return [(corner[0] + 16, corner[1] + 16), (corner[0] + 30, corner[1] + 30)]


def marks(context: BrowserContext, server: RealServer) -> dict[str, object]:
    """What an attack would have left."""
    client, kept = server.client(), context.storage_state(indexed_db=True)
    return {
        "cookies": [cookie["name"] for cookie in kept["cookies"]],
        "storage": kept["origins"],
        "service workers": context.service_workers,
        "windows": len(context.pages),
        "experiments": [found["name"] for found in client.get("/api/v1/experiments/").body["experiments"]],
        "runs": [found["run_id"] for found in client.get("/api/v1/runs/").body["runs"]],
    }


UNTOUCHED = {
    "cookies": ["trackerweb_csrf"],
    "storage": [],
    "service workers": [],
    "windows": 1,
    "experiments": ["Default"],
    "runs": ["victim"],
}


def test_the_corpus_is_large():
    assert len(CORPUS) >= 120


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long) if place % 4 else name for place, name in enumerate(CORPUS)]
)
def test_looking_at_it_does_nothing(name, context, server, stranger):
    path, dialogs = CORPUS[name][0], []
    page = _watched_page(context, dialogs)
    look(page, f"{server.url}/runs/victim/artifacts/?path={quote(path)}")
    assert page.url.startswith(f"{server.url}/runs/victim/artifacts/?path=")
    assert "stolen" not in page.title()
    assert page.title().endswith("· Trackerweb")
    page.close()
    alone = _watched_page(context, dialogs)
    look(alone, f"{server.url}/preview/victim/{quote(path)}")
    assert alone.url == "about:blank" or alone.url.startswith(f"{server.url}/preview/")
    assert "stolen" not in alone.title()
    assert marks(context, server) == UNTOUCHED
    assert dialogs == []
    assert stranger.requests == []


def _watched_page(context: BrowserContext, dialogs: list[str]) -> Page:
    """A page whose dialogs, and downloads that it named itself, are noted."""

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    def note_named(download: Download) -> None:
        if download.suggested_filename.startswith("stolen"):
            dialogs.append(download.suggested_filename)

    page = context.new_page()
    page.on("dialog", note)
    page.on("download", note_named)
    return page


@pytest.fixture(scope="module")
def disguised(server, stranger) -> RealServer:
    """The corpus once more, in the same run: under names of media, and as code, diff, packages and log of the run."""
    client = server.client()
    texts = {}
    for number, (path, content) in enumerate(CORPUS.values()):
        aimed = content.replace(b"OURS", server.url.encode()).replace(b"STRANGER", stranger.url.encode())
        suffix = ("svg", "png", "csv", "webm", "mp3", "parquet")[number % 6]
        assert client.send("PUT", f"/api/v1/runs/victim/artifacts/media/m_{number}.{suffix}", aimed).status == 201
        texts[f"{number}/{path}.py"] = aimed.decode("utf-8", "replace").replace("\0", "")
    lines = [line for text in texts.values() for line in text.splitlines()]
    added = "".join(f"+{line}\n" for line in lines)
    patch = f"--- a/a.html\n+++ b/a.html\n@@ -0,0 +1,{len(lines)} @@\n{added}"
    environment = {
        "command": lines[:40],
        "packages": dict.fromkeys(lines[:40], lines[0]),
        "source": texts,
        "git": {"diff": patch, "commit": lines[0], "remote": lines[1], "branch": lines[2], "log": lines[:30]}
        | {"untracked": list(texts)},
    }
    console = [{"stream": "stdout", "offset": 0, "text": "\n".join(lines)[:900_000]}]
    answer = client.post("/api/v1/runs/victim/log/", {"environment": environment, "console": console})
    assert answer.status == 200, answer
    return server


@pytest.mark.parametrize(
    "address",
    [
        "runs/victim/media/",
        "runs/victim/media/?page=2",
        "runs/victim/media/?page=3",
        "runs/victim/code/",
        "runs/victim/code/patch.diff",
        "runs/victim/logs/",
        "compare/?tab=media&run=victim&run=other",
        "compare/?tab=code&run=victim&run=other",
        "compare/export.html?run=victim&run=other",
    ],
)
def test_looking_at_it_as_media_and_as_code_does_nothing(address, context, disguised, stranger):
    client = disguised.client()
    other = client.put("/api/v1/runs/other/", {"name": "other"})
    assert other.status in (200, 201)
    client.post("/api/v1/runs/other/log/", {"environment": {"git": {"commit": "c"}, "source": {"a.py": "x"}}})
    dialogs: list[str] = []
    page = _watched_page(context, dialogs)
    look(page, f"{disguised.url}/{address}")
    page.wait_for_timeout(5 * LINGER_MS)
    assert "stolen" not in page.title()
    client.post("/runs/other/trash/")
    assert marks(context, disguised) | {"cookies": [], "runs": []} == UNTOUCHED | {"cookies": [], "runs": []}
    assert dialogs == []
    assert stranger.requests == []
