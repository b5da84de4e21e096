"""A page of another origin, in a real browser, can neither write here nor read what is here."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.server import RealServer

pytestmark = pytest.mark.slow

FORMS = """<!doctype html><title>stranger</title>
<form id="page" method="post" action="{target}/experiments/new/"><input name="name" value="stolen"></form>
<form id="text" method="post" action="{target}/api/v1/experiments/" enctype="text/plain">
  <input name='{{"name": "stolen", "note": "' value='"}}'></form>
<form id="multipart" method="post" action="{target}/api/v1/experiments/" enctype="multipart/form-data">
  <input name="name" value="stolen"></form>
<a href="{target}/">a link</a>
"""

ATTEMPTS = """async (target) => {
  const body = '{"name": "stolen"}', path = `${target}/api/v1/experiments/`;
  const json = { "Content-Type": "application/json" }, text = { "Content-Type": "text/plain" };
  const calls = {
    read: [path, {}],
    "read without cors": [path, { mode: "no-cors" }],
    "read a page": [`${target}/`, { mode: "no-cors", credentials: "include" }],
    "post json": [path, { method: "POST", headers: json, body }],
    "post text": [path, { method: "POST", headers: text, body }],
    "post without cors": [path, { method: "POST", mode: "no-cors", headers: text, body }],
    "post nothing": [`${target}/api/v1/experiments/1/restore/`, { method: "POST", mode: "no-cors" }],
    put: [`${target}/api/v1/experiments/by-name/stolen/`, { method: "PUT" }],
    delete: [`${target}/api/v1/experiments/0/`, { method: "DELETE" }],
  };
  const read = {};
  for (const [name, [url, options]] of Object.entries(calls)) {
    read[name] = await fetch(url, options).then((answer) => answer.text(), () => "");
  }
  navigator.sendBeacon(path, new Blob([body], { type: "text/plain" }));
  return read;
}"""

FRAMED = """(target) => new Promise((resolve) => {
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-scripts";
  frame.srcdoc = `<script>fetch("${target}/api/v1/experiments/by-name/stolen/", { method: "PUT", mode: "cors" })
    .then((answer) => answer.text(), () => "").then((text) => parent.postMessage(text, "*"));</scr` + `ipt>`;
  addEventListener("message", (event) => resolve(event.data));
  document.body.append(frame);
})"""

EMBEDDED = """(target) => Promise.all(["img", "script"].map((tag) => new Promise((resolve) => {
  const element = document.createElement(tag);
  element.onload = () => resolve("loaded");
  element.onerror = () => resolve("");
  element.src = `${target}/` + (tag === "img" ? "static/icons/favicon.svg" : "static/js/frame.js");
  document.body.append(element);
})))"""


class Stranger(BaseHTTPRequestHandler):
    """Serves FORMS, aimed at the address in its path."""

    def do_GET(self):
        page = FORMS.format(target=self.path.removeprefix("/?")).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[RealServer]:
    """One for all of this module: nothing here may change it."""
    running = RealServer(tmp_path_factory.mktemp("ours")).start()
    # The experiment 1 is in the trash: bringing it back takes a POST without a body, which any page can send.
    running.client().post("/api/v1/experiments/", {"name": "trashed"})
    running.client().send("DELETE", "/api/v1/experiments/1/")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def stranger_port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stranger)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(chromium) -> Iterator[Page]:
    """A page whose console may complain: it should."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture(params=["another port", "another port and name", "another name, our port"])
def attack(request, page, server, stranger_port) -> tuple[Page, str]:
    """A stranger's page, open, and the address of ours that it aims at."""
    ours = urlsplit(server.url).port
    stranger, target = {
        "another port": (f"http://127.0.0.1:{stranger_port}", f"http://127.0.0.1:{ours}"),
        "another port and name": (f"http://127.0.0.1:{stranger_port}", f"http://localhost:{ours}"),
        "another name, our port": (f"http://localhost:{ours}", f"http://127.0.0.1:{ours}"),
    }[request.param]
    if request.param == "another name, our port":
        # Our own server is the second origin; our policy would keep its pages from asking, so the page is theirs.
        theirs = FORMS.format(target=target)
        page.route("**/stranger", lambda route: route.fulfill(body=theirs, content_type="text/html"))
        page.goto(f"{stranger}/stranger")
    else:
        page.goto(f"{stranger}/?{target}")
    return page, target


def names(server) -> list[str]:
    return [experiment["name"] for experiment in server.client().get("/api/v1/experiments/").body["experiments"]]


def test_a_script_reads_and_stores_nothing(attack, server):
    page, target = attack
    read = page.evaluate(ATTEMPTS, target)
    assert len(read) == 9
    assert not any(read.values()), read
    assert names(server) == ["Default"]


def test_a_sandboxed_frame_reads_and_stores_nothing(attack, server):
    page, target = attack
    assert page.evaluate(FRAMED, target) == ""
    assert names(server) == ["Default"]


def test_a_picture_and_a_script_of_ours_do_not_load(attack):
    page, target = attack
    assert page.evaluate(EMBEDDED, target) == ["", ""]


@pytest.mark.parametrize("form", ["page", "text", "multipart"])
def test_a_form_stores_nothing(attack, server, form):
    page, _ = attack
    with page.expect_response(lambda response: response.request.method == "POST") as answer:
        page.evaluate("(id) => document.getElementById(id).submit()", form)
    assert answer.value.status == 403
    assert names(server) == ["Default"]


def test_a_link_leads_here_and_our_page_is_out_of_reach(attack):
    page, target = attack
    with page.expect_popup() as popup:
        page.evaluate("(target) => { window.ours = window.open(`${target}/`); }", target)
    popup.value.wait_for_load_state()
    assert popup.value.url == f"{target}/"
    assert "Default" in popup.value.content()
    reach = page.evaluate("() => { try { return window.ours.document.title } catch { return 'refused' } }")
    assert reach in ("refused", "", None)
