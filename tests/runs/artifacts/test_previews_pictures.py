"""Pictures, sound and film, and what only claims to be one."""

import pytest

from runs.artifacts.previews.judging import FILMS, PICTURES, SOUNDS, is_text, media_type_of
from tests.runs.artifacts.previews import shown

BMP = b"BM" + (1000).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little") + (40).to_bytes(4, "little")
CONTENT = {
    "a.png": b"\x89PNG\r\n\x1a\n" + bytes(20),
    "a.jpg": b"\xff\xd8\xff\xe0" + bytes(20),
    "a.JPEG": b"\xff\xd8\xff\xdb" + bytes(20),
    "a.gif": b"GIF89a" + bytes(20),
    "a.webp": b"RIFF\x10\0\0\0WEBPVP8 " + bytes(20),
    "a.avif": b"\0\0\0\x20ftypavif" + bytes(20),
    "a.bmp": BMP + bytes(40),
    "a.ico": b"\0\0\x01\0\x01\0" + bytes(20),
    "a.svg": b'<?xml version="1.0"?>\n<!-- by hand -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD" "x">\n<svg xmlns="x"/>',
}
PLAYED = {
    "a.wav": (b"RIFF\x10\0\0\0WAVEfmt " + bytes(20), "sound"),
    "a.mp3": (b"ID3\x04" + bytes(20), "sound"),
    "a.flac": (b"fLaC" + bytes(20), "sound"),
    "a.ogg": (b"OggS" + bytes(20), "sound"),
    "a.m4a": (b"\0\0\0\x20ftypM4A " + bytes(20), "sound"),
    "a.mp4": (b"\0\0\0\x20ftypisom" + bytes(20), "film"),
    "a.webm": (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + bytes(20), "film"),
}


@pytest.mark.parametrize("path", CONTENT)
def test_a_picture_is_shown(path):
    assert shown(path, CONTENT[path]).kind == "picture"


@pytest.mark.parametrize("path", PLAYED)
def test_sound_and_film_are_played(path):
    content, kind = PLAYED[path]
    assert shown(path, content).kind == kind


def test_a_picture_without_a_suffix_is_known_by_its_content():
    preview = shown("figure", CONTENT["a.png"])
    assert (preview.kind, preview.note) == ("picture", "")


@pytest.mark.parametrize("path", [*CONTENT, *PLAYED])
def test_html_under_another_name_is_text(path):
    preview = shown(path, "<!doctype html><script>alert(1)</script>")
    assert preview.kind == "text"
    assert "Its content is no" in preview.note


@pytest.mark.parametrize("path", [*CONTENT, *PLAYED])
def test_bytes_under_another_name_are_dumped(path):
    preview = shown(path, bytes(range(256)) * 4)
    assert preview.kind == "other"
    assert preview.rows[1].hexadecimal.startswith("10 11 12")


@pytest.mark.parametrize(
    "content",
    [
        b"<html><svg></svg></html>",
        b"plain <svg>",
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg/>',
        b"<svgx/>",
        b"<!-- never closed <svg>",
        b"<?xml <svg>",
    ],
)
def test_what_only_mentions_svg_is_none(content):
    assert media_type_of(content, PICTURES) is None


def test_judging_a_long_prologue_takes_no_time():
    assert media_type_of(b"<!---->" * 9000, PICTURES) is None
    assert media_type_of(b" " * 65536, PICTURES) is None


def test_bytes_are_named_where_somebody_knows_them():
    preview = shown("model.bin", b"\x80\x04\x95" + bytes(40))
    assert "Pickle" in preview.looks_like
    assert preview.is_whole


def test_two_letters_make_no_bmp():
    assert media_type_of(b"BMW is a car maker, not a picture.", PICTURES) is None


def test_no_text_is_taken_for_what_a_browser_draws_or_plays():
    for content in (b"hello", b"import os\n", b'{"a": 1}', b"a,b\n", b"%!PS"):
        assert is_text(content)
        assert media_type_of(content, PICTURES | SOUNDS | FILMS) is None
