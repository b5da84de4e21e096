"""`/runs/<run_id>/artifacts/` in a real browser: the tree, and each kind of file."""

import base64
import io
import json
import math
import struct
import time
import wave
import zlib
from collections.abc import Callable
from urllib.parse import quote

import numpy
import pyarrow
import pytest
from playwright.sync_api import Page, expect
from pyarrow import parquet

from tests.browser.accessibility import assert_accessible
from tests.browser.looks import everywhere
from tests.browser.patience import until
from tests.server import RealServer

OpenPage = Callable[..., Page]


def png(width: int = 120, height: int = 80) -> bytes:
    row = b"\0" + bytes(part for x in range(width) for part in (2 * x, 120, 200))

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(row * height)) + chunk(b"IEND", b"")


def wav() -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(at / 4))) for at in range(80_000)))
    return buffer.getvalue()


def npy() -> bytes:
    buffer = io.BytesIO()
    numpy.save(buffer, numpy.arange(12.0).reshape(3, 4))
    return buffer.getvalue()


def table() -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.table({"id": list(range(250)), "score": [at / 7 for at in range(250)]}), buffer)
    return buffer.getvalue()


NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "source": "# Analysis"},
        {"cell_type": "code", "execution_count": 1, "source": "import os", "outputs": [
            {"output_type": "display_data", "data": {"image/png": base64.b64encode(png()).decode()}}]},
    ]
}  # fmt: skip
#: As Plotly and Bokeh write theirs: scripts within, made at run time too, that draw on a canvas and in SVG.
DRAWING = """<!doctype html><title>drawing</title><canvas id="c" width="90" height="60"></canvas>
<p id="p">none</p><script>
new Function("document.getElementById('c').getContext('2d').fillRect(0, 0, 90, 60)")();
new Worker(URL.createObjectURL(new Blob(["postMessage('from a worker')"]))).onmessage = (event) => {
  document.getElementById("p").textContent = event.data;
};</script>"""
PDF = (
    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n"
)
FILES: dict[str, bytes | str] = {
    "README.md": "# Digits\n\n![the curve](plots/roc.png) of [the code](train.py).\n\n|a|b|\n|-|-|\n|1|2|\n",
    "plots/roc.png": png(),
    "plots/loss.png": png(60, 60),
    "plots/curve.svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 9L9 0"/></svg>',
    "train.py": 'import os\n\n\ndef train(lr: float = 0.1) -> None:\n    """Train."""\n    print("lr", lr, 3)  # now\n',
    "long.log": "".join(f"epoch {epoch} loss {1 / (epoch + 1):.5f}\n" for epoch in range(20_000)),
    "model/MLmodel": "flavors:\n  sklearn:\n    version: 1.9.1\n",
    "model/model.pkl": b"\x80\x04\x95" + bytes(300),
    "tables/predictions.csv": "id,name,score\n" + "".join(f"{at},digit-{at % 9},{at / 3}\n" for at in range(250)),
    "tables/eval.parquet": table(),
    "tables/logged.json": json.dumps({"columns": ["q", "a"], "data": [["one", 1], ["two", 2]]}),
    "metrics.json": json.dumps(
        {"accuracy": 0.98, "classes": [{"label": at, "f1": None} for at in range(3)], "ok": True}
    ),
    "events.jsonl": '{"step": 1, "event": "save"}\n{"step": 2, "event": "stop"}\n',
    "weights.npy": npy(),
    "analysis.ipynb": json.dumps(NOTEBOOK),
    "drawing.html": DRAWING,
    "report.pdf": PDF,
    "tone.wav": wav(),
    "empty.txt": "",
    "named.png": "<p>not a picture</p>",
    "odd/100% <b>&amp; שלום?.txt": "odd",
}
QUIET = [path for path in FILES if path not in ("report.pdf",)]


def store(server: RealServer, run_id: str, files: dict[str, bytes | str]) -> None:
    client = server.client()
    assert client.put(f"/api/v1/runs/{run_id}/", {"experiment": "digits", "name": "r18-cos-lr0.03-s3"}).status == 201
    for path, content in files.items():
        raw = content.encode() if isinstance(content, str) else content
        answer = client.send("PUT", f"/api/v1/runs/{run_id}/artifacts/{quote(path)}", raw)
        assert answer.status == 201, answer


@pytest.fixture(scope="module")
def run(shared_server: RealServer) -> str:
    """The address of the page of a run with a file of each kind."""
    store(shared_server, "with-artifacts", FILES)
    return f"{shared_server.url}/runs/with-artifacts/artifacts/"


@everywhere
@pytest.mark.parametrize("path", [*QUIET, "plots", ""])
def test_each_kind_is_drawn_and_accessible(run: str, open_page: OpenPage, path: str, width: int, scheme: str) -> None:
    page = open_page(f"{run}?path={quote(path)}", width=width, scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)


def test_the_readme_comes_first_with_its_pictures(run: str, open_page: OpenPage) -> None:
    page = open_page(run)
    expect(page.get_by_role("heading", name="Digits", level=3)).to_be_visible()
    expect(page.get_by_alt_text("the curve")).to_have_js_property("naturalWidth", 120)
    page.get_by_role("link", name="the code").click()
    expect(page.locator("pre.highlight")).to_contain_text("def train")


@pytest.mark.parametrize("path", ["plots/roc.png", "plots/curve.svg"])
def test_a_picture_is_drawn(run: str, open_page: OpenPage, path: str) -> None:
    page = open_page(f"{run}?path={path}")
    expect(page.locator(".preview img")).to_have_js_property("complete", True)
    assert page.locator(".preview img").evaluate("image => image.naturalWidth > 0")


def test_html_draws_with_its_own_scripts_in_its_frame(run: str, open_page: OpenPage) -> None:
    page = open_page(f"{run}?path=drawing.html")
    frame = page.frame_locator(".preview iframe")
    expect(frame.locator("#p")).to_have_text("from a worker")
    pixel = frame.locator("#c").evaluate("canvas => canvas.getContext('2d').getImageData(5, 5, 1, 1).data[3]")
    assert pixel == 255
    assert frame.locator("body").evaluate("() => window.origin") == "null"


def test_a_notebook_shows_cells_and_pictures(run: str, open_page: OpenPage) -> None:
    page = open_page(f"{run}?path=analysis.ipynb")
    frame = page.frame_locator(".preview iframe")
    expect(frame.get_by_role("heading", name="Analysis")).to_be_visible()
    expect(frame.locator("pre.source")).to_have_text("import os")
    expect(frame.locator("img")).to_have_js_property("naturalWidth", 120)


def test_sound_plays_from_any_place(run: str, open_page: OpenPage) -> None:
    page = open_page(f"{run}?path=tone.wav")
    player = page.locator("audio")
    expect(player).to_have_js_property("duration", 10)
    assert player.evaluate("sound => new Promise((done) => { sound.onseeked = () => done(sound.currentTime);"
                           "sound.currentTime = 7; setTimeout(() => done(-1), 30000); })") == 7  # fmt: skip


def test_a_pdf_is_drawn_by_the_browser_within_the_sandbox(run: str, open_page: OpenPage) -> None:
    page = open_page(f"{run}?path=report.pdf")
    assert page.locator(".preview iframe").bounding_box()["height"] > 300
    until(page, lambda: any(frame.url.endswith("/report.pdf") for frame in page.frames))
    expect(page.get_by_role("link", name="Download it")).to_be_visible()


def test_the_pages_of_a_table_follow_each_other(run: str, open_page: OpenPage) -> None:
    page = open_page(f"{run}?path=tables/predictions.csv")
    expect(page.get_by_text("rows 1–100")).to_be_visible()
    page.get_by_role("link", name="Next", exact=True).click()
    expect(page.get_by_text("rows 101–200")).to_be_visible()
    expect(page.locator(".preview tbody tr").first).to_contain_text("digit-1")


def test_a_folder_of_the_tree_opens_and_leads_on(run: str, open_page: OpenPage) -> None:
    page = open_page(run)
    tree = page.get_by_role("navigation", name="Files")
    tree.locator("summary", has_text="in tables").click()
    tree.get_by_role("link", name="eval.parquet").click()
    expect(page.get_by_text("of 250")).to_be_visible()
    expect(tree.get_by_role("link", name="eval.parquet")).to_have_attribute("aria-current", "page")


def test_the_keyboard_reaches_a_file(run: str, open_page: OpenPage) -> None:
    page = open_page(run)
    page.get_by_role("navigation", name="Files").get_by_role("link", name="metrics.json").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2)).to_have_text("metrics.json")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_a_file_is_deleted_after_a_question(shared_server: RealServer, open_page: OpenPage, javascript: bool) -> None:
    run_id = f"deleting{time.time_ns()}"
    store(shared_server, run_id, {"a.txt": "a", "plots/b.txt": "b", "plots/c.txt": "c"})
    page = open_page(f"{shared_server.url}/runs/{run_id}/artifacts/?path=a.txt", javascript=javascript)
    button = page.get_by_role("button", name="Delete a.txt")
    expect(button).to_be_hidden()
    page.locator("summary", has_text="Delete").click()
    button.click()
    expect(page.get_by_role("status")).to_contain_text("Deleted a.txt.")
    page.goto(f"{shared_server.url}/runs/{run_id}/artifacts/?path=plots")
    page.locator("summary", has_text="Delete").click()
    page.get_by_role("button", name="Delete plots").click()
    expect(page.get_by_role("heading", name="No files yet")).to_be_visible()


def test_a_run_without_files_is_accessible(shared_server: RealServer, open_page: OpenPage) -> None:
    store(shared_server, "no-artifacts", {})
    assert_accessible(open_page(f"{shared_server.url}/runs/no-artifacts/artifacts/"))


def test_a_file_is_downloaded(run: str, open_page: OpenPage) -> None:
    page = open_page(f"{run}?path=train.py")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "train.py"


def test_everything_reads_without_script(run: str, open_page: OpenPage) -> None:
    page = open_page(f"{run}?path=metrics.json", javascript=False)
    expect(page.get_by_text('"accuracy"').or_(page.get_by_text("accuracy"))).to_be_visible()
    page.get_by_role("link", name="Next file").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("named.png")
    page.get_by_role("link", name="plots").click()
    expect(page.get_by_role("region", name="Content of the folder")).to_contain_text("roc.png")


def test_on_a_phone_the_tree_is_above_the_file(run: str, open_page: OpenPage) -> None:
    page = open_page(run, width=390)
    tree, file = page.locator(".file-tree").bounding_box(), page.locator(".shown").bounding_box()
    assert tree["y"] + tree["height"] <= file["y"] + 1


def test_the_overview_leads_to_the_files(run: str, open_page: OpenPage) -> None:
    page = open_page(run.removesuffix("artifacts/"))
    page.get_by_role("link", name="analysis.ipynb").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("analysis.ipynb")
