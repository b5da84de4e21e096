"""Uncommitted diffs as data."""

import io

import pytest

from runs.artifacts.previews.source import Mismatch
from runs.provenance.patches import read

PATCH = """diff --git a/train.py b/train.py
--- a/train.py
+++ b/train.py
@@ -1,3 +1,4 @@ def train():
 import torch
-lr = 0.1
+lr = 0.03
+schedule = "cosine"
 print(lr)
diff --git a/new.txt b/new.txt
new file mode 100644
--- /dev/null
+++ b/new.txt
@@ -0,0 +1 @@
+words
"""


def told(text):
    return read(io.BytesIO(text.encode()))


def test_a_diff_is_told_by_files_hunks_and_lines():
    code, words = told(PATCH)["files"]
    assert (code["path"], code["kind"], code["added"], code["removed"]) == ("train.py", "changed", 2, 1)
    (hunk,) = code["hunks"]
    assert hunk["head"] == "@@ -1 +1 @@ def train():"
    assert [(line["sign"], line["old"], line["new"]) for line in hunk["lines"]] == [
        (" ", 1, 1), ("-", 2, None), ("+", None, 2), ("+", None, 3), (" ", 3, 4),
    ]  # fmt: skip
    assert (words["path"], words["kind"]) == ("new.txt", "added")


def test_code_is_coloured_as_its_language_has_it():
    lines = told(PATCH)["files"][0]["hunks"][0]["lines"]
    assert "".join(text for _, text in lines[3]["tokens"]) == 'schedule = "cosine"'
    assert any(css_class.startswith("s") and "cosine" in text for css_class, text in lines[3]["tokens"])


def test_a_string_over_several_lines_is_one_string():
    text = '--- a/a.py\n+++ b/a.py\n@@ -0,0 +1,2 @@\n+x = """one\n+two"""\n'
    lines = told(text)["files"][0]["hunks"][0]["lines"]
    assert lines[1]["tokens"][0][0].startswith("s")


def test_of_a_diff_that_was_cut_the_whole_hunks_are_read():
    code, words = told(PATCH[: PATCH.index("+words")])["files"]
    assert (len(code["hunks"]), len(words["hunks"])) == (1, 0)


@pytest.mark.parametrize("text", ["@@ nonsense", "just words\n", "\0\xff"])
def test_what_is_no_diff_is_refused(text):
    with pytest.raises(Mismatch):
        told(text)


def test_a_page_shows_so_many_lines_and_says_that_there_are_more():
    lines = "".join(f"+{number}\n" for number in range(6000))
    found = told(f"--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1,6000 @@\n{lines}")
    assert found["is_cut"]
    assert len(found["files"][0]["hunks"][0]["lines"]) == 5000
