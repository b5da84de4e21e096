"""`/preview/<run_id>/<path>`: the one place that serves what others wrote as it is, and what it takes away from it."""

import json

import pytest
from django.test import Client

from tests.factories import make_artifact, make_run

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + bytes(90)
HTML = "<!doctype html><script>alert(1)</script>"
IN_FRAME = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}


@pytest.fixture
def get():
    run = make_run(run_id="r1")

    def get(path, content, **headers):
        make_artifact(run, path, content)
        return Client().get(f"/preview/r1/{path}", headers=headers)

    return get


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


FILES = {
    "a.png": PNG,
    "a.svg": "<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
    "a.html": HTML,
    "a.htm": HTML,
    "a.pdf": b"%PDF-1.4\n",
    "a.txt": "text",
    "a.js": "alert(1)",
    "a.css": "a{}",
    "a.json": "{}",
    "a.bin": bytes(99),
    "a.ipynb": "{}",
    "a.mp4": b"\0\0\0\x20ftypisom",
    "a.xml": "<x/>",
    "a.xhtml": "<html xmlns='http://www.w3.org/1999/xhtml'/>",
    "a": HTML,
}


@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize("headers", [{}, IN_FRAME], ids=["alone", "framed"])
def test_every_answer_is_sealed(get, path, headers):
    response = get(path, FILES[path], **headers)
    assert response.status_code == 200
    policy = response["Content-Security-Policy"]
    assert policy.startswith("sandbox")
    for part in ("default-src 'none'", "frame-ancestors 'self'", "form-action 'none'", "base-uri 'none'"):
        assert part in policy
    for part in (
        "allow-same-origin",
        "allow-top",
        "allow-popups",
        "allow-forms",
        "allow-modals",
        "allow-downloads",
        "http",
        "*",
    ):
        assert part not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("path", FILES)
def test_scripts_may_run_in_framed_html_alone(get, path):
    alone = get(path, FILES[path])["Content-Security-Policy"]
    framed = Client().get(f"/preview/r1/{path}", headers=IN_FRAME)["Content-Security-Policy"]
    assert "script" not in alone
    assert ("allow-scripts" in framed) == (path in ("a.html", "a.htm"))


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("a.png", "image/png"),
        ("a.svg", "image/svg+xml"),
        ("a.html", "text/plain; charset=utf-8"),
        ("a.pdf", "application/pdf"),
        ("a.js", "text/plain; charset=utf-8"),
        ("a.css", "text/plain; charset=utf-8"),
        ("a.xml", "text/plain; charset=utf-8"),
        ("a.xhtml", "text/plain; charset=utf-8"),
        ("a", "text/plain; charset=utf-8"),
        ("a.mp4", "video/mp4"),
        ("a.bin", "application/octet-stream"),
    ],
)
def test_the_media_type_is_what_the_content_was_seen_to_be(get, path, media_type):
    assert get(path, FILES[path])["Content-Type"] == media_type


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf", "mp4", "json", "csv", "txt", "wav", "ico", "xhtml", "mhtml"])
def test_html_under_another_name_is_served_as_plain_text(get, suffix):
    assert get(f"a.{suffix}", HTML)["Content-Type"] == "text/plain; charset=utf-8"


def test_html_is_drawn_in_a_frame_alone(get):
    assert get("a.html", HTML)["Content-Type"] == "text/plain; charset=utf-8"
    framed = Client().get("/preview/r1/a.html", headers=IN_FRAME)
    assert framed["Content-Type"] == "text/html; charset=utf-8"
    assert framed["Vary"] == "Sec-Fetch-Dest"


def test_html_in_utf7_stays_text(get):
    response = get("a.txt", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-")
    assert response["Content-Type"] == "text/plain; charset=utf-8"


def test_what_nobody_knows_is_a_download(get):
    response = get("a.bin", bytes(300))
    assert response["Content-Disposition"].startswith("attachment")


def test_parts_are_served_for_players_and_not_compressed(get):
    response = get("a.mp4", b"\0\0\0\x20ftypisom" + bytes(5000), Range="bytes=4-7", **{"Accept-Encoding": "gzip"})
    assert (response.status_code, body(response)) == (206, b"ftyp")
    whole = Client().get("/preview/r1/a.mp4", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in whole
    assert whole["Content-Length"] == "5012"


def test_an_unchanged_picture_is_not_sent_again_and_stays_sealed(get):
    etag = get("a.png", PNG)["ETag"]
    again = Client().get("/preview/r1/a.png", headers={"If-None-Match": etag})
    assert again.status_code == 304
    assert again["Content-Security-Policy"].startswith("sandbox")


def test_a_frame_is_never_answered_from_what_a_browser_kept(get):
    """What came as text for a window must not come back as what a frame may run, nor the other way."""
    etag = get("a.html", HTML)["ETag"]
    framed = Client().get("/preview/r1/a.html", headers={"If-None-Match": etag, **IN_FRAME})
    assert (framed.status_code, "ETag" in framed) == (200, False)
    alone = Client().get("/preview/r1/a.html")
    assert "script" not in alone["Content-Security-Policy"]


def test_a_notebook_is_a_document_without_scripts(get):
    cell = {
        "cell_type": "code",
        "source": "1",
        "outputs": [{"output_type": "display_data", "data": {"text/html": f"<b>yes</b>{HTML}"}}],
    }
    response = get("a.ipynb", json.dumps({"cells": [cell]}))
    page = response.content.decode()
    assert "<b>yes</b>" in page
    assert "<script" not in page
    assert "script" not in response["Content-Security-Policy"]


def test_a_broken_notebook_says_so(get):
    assert "can&#x27;t be read" in get("a.ipynb", "{").content.decode()


def test_a_foreign_page_gets_nothing(get):
    get("a.png", PNG)
    for site, dest in (("cross-site", "image"), ("same-site", "iframe"), ("cross-site", "iframe")):
        headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Dest": dest, "Sec-Fetch-Mode": "no-cors"}
        assert Client().get("/preview/r1/a.png", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/preview/r1/nothing.png", 404),
        ("/preview/nobody/a.png", 404),
        ("/preview/r1/", 404),
        ("/preview/r1/plots", 404),
        ("/preview/r1/../../etc/passwd", 400),
        ("/preview/r1/..%2f..%2fetc%2fpasswd", 400),
        ("/preview/r1/%2e%2e/x", 400),
        ("/preview/r1//etc/passwd", 400),
        ("/preview/r1/a%5cb", 400),
        ("/preview/r1/%252e%252e%252fx", 400),
        ("/preview/r1/a%0ab", 404),
    ],
)
def test_what_is_not_there_or_leads_elsewhere_is_refused(get, address, status):
    get("plots/a.png", PNG)
    assert Client(raise_request_exception=False).get(address).status_code == status


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_it_is_for_reading(get, method):
    get("a.png", PNG)
    assert getattr(Client(), method)("/preview/r1/a.png").status_code == 405


def test_the_head_of_an_answer_can_be_asked_for(get):
    get("a.png", PNG)
    response = Client().head("/preview/r1/a.png")
    assert (response.status_code, response["Content-Length"]) == (200, "98")
    assert response["Content-Security-Policy"].startswith("sandbox")


def test_our_own_pages_stay_unframed(get):
    get("a.png", PNG)
    assert "frame-ancestors 'none'" in Client().get("/runs/r1/artifacts/")["Content-Security-Policy"]
