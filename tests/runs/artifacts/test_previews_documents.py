"""Markdown, HTML, notebooks, PDF."""

import base64
import json
import tempfile

import pytest

from runs.artifacts.previews.markdown_text import led
from runs.artifacts.previews.notebook import cells_of
from runs.artifacts.previews.source import Mismatch, Source
from tests.runs.artifacts.previews import shown

PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\npixel").decode()


def cells(notebook):
    with tempfile.TemporaryFile() as file:
        raw = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
        file.write(raw)
        file.flush()
        return cells_of(Source("r1", "a.ipynb", len(raw), file))


def outputs(*found):
    (cell,) = cells({"cells": [{"cell_type": "code", "source": "x", "outputs": list(found)}]})
    return cell["outputs"]


# Markdown


def test_markdown_is_laid_out():
    preview = shown("README.md", "# Title\n\nSome *words*.")
    assert preview.html == "<h3>Title</h3>\n<p>Some <em>words</em>.</p>\n"


def test_pictures_and_links_of_markdown_lead_to_the_files_of_the_run():
    html = shown("docs/a.md", "![roc](../plots/roc.png) [more](b.md) [out](https://example.org)").html
    assert '<img src="/preview/r1/plots/roc.png" alt="roc">' in html
    assert 'href="/runs/r1/artifacts/?path=docs/b.md"' in html
    assert 'href="https://example.org"' in html


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/a.png",
        "//evil.example/a.png",
        "/runs/r2/",
        "../../x.png",
        "data:image/png;base64,AA",
        "javascript:1",
    ],
)
def test_a_picture_of_elsewhere_is_left_out(address):
    assert led("r1", "docs/a.md", address, is_picture=True) is None
    assert "<img" not in shown("docs/a.md", f"![alt text]({address})").html


def test_html_within_markdown_is_text():
    html = shown("a.md", "<script>alert(1)</script> <img src=x onerror=alert(1)>").html
    assert "<script" not in html
    assert "<img" not in html


@pytest.mark.slow
@pytest.mark.parametrize("text", ["[" * 60_000, "![" * 60_000, "> " * 60_000, "*a_" * 60_000, "`" * 100_000])
def test_markdown_that_takes_long_ends_in_time(text):
    assert shown("a.md", text).kind in ("markdown", "text")


def test_long_markdown_is_shown_as_it_was_written():
    preview = shown("a.md", "word " * 60_000)
    assert preview.kind == "text"
    assert "as it was written" in preview.note


# HTML and PDF


def test_html_is_shown_in_a_frame():
    assert shown("a.html", "<p>hi").kind == "html"


def test_bytes_named_html_are_no_html():
    assert shown("a.html", b"\x89PNG\r\n\x1a\n" + bytes(99)).kind == "other"


def test_a_pdf_is_left_to_the_browser():
    assert shown("a.pdf", b"%PDF-1.7\n").kind == "pdf"


def test_html_named_pdf_is_text():
    assert shown("a.pdf", "<script>alert(1)</script>").kind == "text"


# Notebooks


def test_a_notebook_shows_words_code_and_output():
    found = cells(
        {
            "metadata": {"language_info": {"name": "python"}},
            "cells": [
                {"cell_type": "markdown", "source": ["# Title\n", "words"]},
                {
                    "cell_type": "code",
                    "execution_count": 3,
                    "source": "import os",
                    "outputs": [{"output_type": "stream", "name": "stdout", "text": ["a\n", "b\n"]}],
                },
                {"cell_type": "raw", "source": "raw"},
            ],
        }
    )
    words, code, raw = found
    assert words == {"kind": "markdown", "html": "<h3>Title</h3>\n<p>words</p>\n"}
    assert code["count"] == 3
    assert ["kn", "import"] in code["tokens"]
    assert code["outputs"] == [{"kind": "text", "text": "a\nb\n"}]
    assert raw == {"kind": "raw", "text": "raw"}


def test_a_picture_comes_before_words():
    found = outputs({"output_type": "display_data", "data": {"text/plain": "<Figure>", "image/png": PIXEL}})
    assert found == [{"kind": "picture", "address": f"data:image/png;base64,{PIXEL}"}]


def test_html_output_keeps_its_table_and_loses_its_script():
    html = (
        "<style>a{}</style><table onclick=x><tr><td>1</td></tr></table><script>alert(1)</script><iframe src=/></iframe>"
    )
    (found,) = outputs({"output_type": "execute_result", "data": {"text/html": html, "text/plain": "1"}})
    assert found == {"kind": "html", "html": "<table><tbody><tr><td>1</td></tr></tbody></table>"}


def test_an_output_that_is_script_alone_falls_back_to_words():
    bundle = {"text/html": "<script>draw()</script>", "text/plain": "Figure()", "application/javascript": "alert(1)"}
    assert outputs({"output_type": "display_data", "data": bundle}) == [{"kind": "text", "text": "Figure()"}]


def test_a_failure_is_shown_without_its_colours():
    (found,) = outputs({"output_type": "error", "traceback": ["\x1b[31mValueError\x1b[0m", "bad"]})
    assert found == {"kind": "error", "text": "ValueError\nbad"}


def test_a_notebook_of_version_3_is_shown():
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": "1", "prompt_number": 1,
           "outputs": [{"output_type": "pyout", "png": PIXEL, "text": "x"}]}]}]}  # fmt: skip
    assert cells(old)[0]["outputs"][0]["kind"] == "picture"


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"{}",
        b'{"cells": 3}',
        b'{"cells": [7]}',
        b'{"cells": [{"cell_type": "code", "outputs": 1}]}',
        b"[]",
        b"\x00",
    ],
)
def test_what_is_no_notebook_is_refused_in_words(content):
    with pytest.raises(Mismatch, match="can't be read"):
        cells(content)


@pytest.mark.slow
def test_output_that_nests_too_deep_ends_in_time():
    with pytest.raises(Mismatch, match="more time or memory"):
        outputs({"output_type": "display_data", "data": {"text/html": "<div>" * 200_000}})
