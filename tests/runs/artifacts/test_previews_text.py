"""Code and text: parts, encodings, colours."""

import pytest

from runs.artifacts.previews.kinds import preview_of
from runs.artifacts.previews.source import Source
from tests.runs.artifacts.previews import huge, shown

PART = 256 * 1024


def text_of(preview):
    assert preview.kind == "text"
    return "".join(stretch for _, stretch in preview.tokens)


def test_a_text_is_shown_as_it_is():
    preview = shown("notes.txt", "one\ntwo\n")
    assert text_of(preview) == "one\ntwo\n"
    assert (preview.note, preview.has_more) == ("", False)


def test_a_file_without_a_suffix_is_text_when_it_reads_as_text():
    assert text_of(shown("LICENSE", "Anyone may …")) == "Anyone may …"


@pytest.mark.parametrize(
    ("path", "code", "token"),
    [
        ("train.py", "import os\n", ("kn", "import")),
        ("model/MLmodel", "flavors: 1\n", ("nt", "flavors")),
        ("pyproject.toml", "a = 1\n", ("mi", "1")),
        ("Dockerfile", "FROM python\n", ("k", "FROM")),
        ("places.geojson", '{"type": null}', ("kc", "null")),
    ],
)
def test_code_has_colours(path, code, token):
    preview = shown(path, code)
    assert token in preview.tokens
    assert text_of(preview) == code


def test_nothing_of_the_code_is_lost_at_its_ends():
    assert text_of(shown("a.py", "\n\n\nx = 1")) == "\n\n\nx = 1"


@pytest.mark.parametrize(
    ("content", "text", "note"),
    [
        ("Grüße ✓".encode(), "Grüße ✓", ""),
        (b"\xef\xbb\xbfmarked", "marked", ""),
        ("Grüße".encode("utf-16"), "Grüße", "Read as UTF-16."),
        (b"\xfe\xff" + "Grüße".encode("utf-16-be"), "Grüße", "Read as UTF-16."),
        ("Grüße".encode("latin-1"), "Grüße", "Latin-1"),
    ],
)
def test_the_encoding_is_found(content, text, note):
    preview = shown("a.txt", content)
    assert text_of(preview) == text
    assert note in preview.note


def test_control_characters_are_drawn_and_not_obeyed():
    assert text_of(shown("a.log", "a" * 300 + "\x00\x1b[31mred")) == "a" * 300 + "␀␛[31mred"


def test_a_long_text_comes_in_parts_that_end_with_a_line():
    lines = "".join(f"line {number}\n" for number in range(60_000))
    parts = [shown("a.log", lines, page) for page in (1, 2, 3)]
    texts = [text_of(part) for part in parts]
    assert "".join(texts) == lines
    assert all(text.endswith("\n") for text in texts)
    assert [part.has_more for part in parts] == [True, True, False]
    assert parts[0].note.startswith("Shown: the first 256.0")


def test_a_line_longer_than_a_part_is_cut_and_nothing_of_it_is_lost():
    content = "x" * (2 * PART + 17)
    assert "".join(text_of(shown("a.txt", content, page)) for page in (1, 2, 3)) == content


def test_a_part_that_is_not_there_is_said():
    assert "There is no part 9" in shown("a.txt", "short", page=9).note


def test_an_empty_file_says_so():
    assert shown("a.py", b"").kind == "empty"


def test_a_huge_text_costs_no_more_than_its_part(tmp_path):
    file, size = huge(tmp_path, b"line\n" * 200_000)
    preview = preview_of(Source("r1", "a.log", size, file))
    assert len(text_of(preview)) >= PART
    assert file.bytes_read < 500_000


def test_code_that_leads_the_colouring_astray_is_shown_plain(monkeypatch):
    monkeypatch.setattr("runs.artifacts.previews.limits.WALL_SECONDS", 0.01)
    preview = shown("a.py", "x = 1\n" * 1000)
    assert preview.tokens == [("", "x = 1\n" * 1000)]
