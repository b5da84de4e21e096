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
        page.goto(url, wait_until="load", timeout=10_000)
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


@pytest.mark.parametrize("name", CORPUS)
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
