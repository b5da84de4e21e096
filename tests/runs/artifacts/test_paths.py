"""What may be the path of an artifact, over the corpus of attacks on other trackers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.artifacts.paths import ancestors, check_folder, check_path
from trackerweb.errors import InvalidValue

#: Ways out of a folder that worked on some server, plain and encoded. Each API and page parameter is tried with them.
HOSTILE = [
    "..",
    "../x",
    "../../etc/passwd",
    "a/../../x",
    "a/..",
    "./a",
    "a/./b",
    "a//b",
    "/etc/passwd",
    "//proc/self/root",
    "\\etc\\passwd",
    "a\\..\\b",
    "..\\..\\x",
    "C:/Windows/win.ini",
    "c:evil",
    "C:\\x",
    "%2e%2e/x",
    "%2e%2e%2fx",
    "..%2fx",
    "..%252f..%252fx",
    "%252e%252e%252fetc",
    "%5c%5chost",
    "a%00b",
    "a\0b",
    "a\nb",
    "a\r\nSet-Cookie: x",
    "a\x1b[31m",
    "photo\u202egpj.exe",
    "a" * 2001,
    "é" * 130,
    "a/" + "b" * 256,
]

HARMLESS = [
    "a",
    "a/b/c.txt",
    "plots/roc curve.png",
    ".hidden",
    "...",
    "a..b/c..",
    "~root/x",
    "100%.txt",
    "50%25.txt",
    "a;b?c#d",
    "файл.txt",
    "数据/图.png",
    "👨‍👩‍👧.png",
    "aux",
    "con.txt",
    "ab:c",
    "<script>alert(1)<&script>.html",
    "'; DROP TABLE runs_artifact; --",
    "=1+1.csv",
    "-rf",
    "a" * 255,
]


@pytest.mark.parametrize("path", HOSTILE)
def test_what_could_lead_elsewhere_is_refused(path):
    with pytest.raises(InvalidValue) as raised:
        check_path(path)
    assert raised.value.field == "path"


@pytest.mark.parametrize("path", HARMLESS)
def test_odd_but_harmless_names_are_taken(path):
    assert check_path(path) == path


@given(st.text(min_size=1, max_size=60))
def test_a_path_that_is_taken_stays_in_its_folder(path):
    try:
        check_path(path)
    except InvalidValue:
        return
    parts = path.split("/")
    assert not {"", ".", ".."} & set(parts)
    assert "\\" not in path
    assert "\0" not in path


def test_a_folder_may_end_with_a_slash_or_be_the_root():
    assert check_folder("") == ""
    assert check_folder("a/b/") == "a/b"
    assert check_folder("/") == ""
    with pytest.raises(InvalidValue):
        check_folder("//")


def test_ancestors_are_the_folders_above():
    assert ancestors("a/b/c") == ["a/b", "a"]
    assert ancestors("a") == []
