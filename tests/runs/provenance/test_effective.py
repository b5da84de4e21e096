"""How the source of two runs of one commit differs, known from their uncommitted diffs alone."""

import difflib
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from runs.provenance.effective import read

BASE = [f"line {number}\n" for number in range(40)]


def patch(before, after, path="a.txt"):
    """A diff as git writes it."""
    return "".join(difflib.unified_diff(before, after, f"a/{path}", f"b/{path}"))


def told(one, other):
    return read(io.BytesIO(json.dumps({"one": one, "other": other}).encode()))["files"]


def changes(files):
    """(sign, text) of what differs, in order."""
    return [
        (line["sign"], "".join(text for _, text in line["tokens"]))
        for file in files
        for hunk in file["hunks"]
        for line in hunk["lines"]
        if line["sign"] != " "
    ]


def edited(*edits):
    """The base with (number, new lines) replaced."""
    lines = [[line] for line in BASE]
    for number, new in edits:
        lines[number] = new
    return [line for group in lines for line in group]


def test_the_same_change_is_no_difference():
    same = patch(BASE, edited((3, ["x\n"])))
    assert told(same, same) == []


def test_a_change_that_one_side_has_is_a_difference():
    assert changes(told("", patch(BASE, edited((3, ["x\n"]))))) == [("-", "line 3"), ("+", "x")]
    assert changes(told(patch(BASE, edited((3, ["x\n"]))), "")) == [("-", "x"), ("+", "line 3")]


def test_of_two_changes_of_one_line_each_side_shows_its_own():
    one, other = patch(BASE, edited((3, ["x\n"]))), patch(BASE, edited((3, ["y\n"])))
    assert changes(told(one, other)) == [("-", "x"), ("+", "y")]


def test_what_both_changed_alike_is_left_out_beside_what_they_did_not():
    one = patch(BASE, edited((3, ["x\n"]), (30, ["a\n"])))
    other = patch(BASE, edited((3, ["x\n"]), (30, ["b\n"])))
    assert changes(told(one, other)) == [("-", "a"), ("+", "b")]


def test_a_new_file_of_one_side_is_all_new():
    other = (
        "diff --git a/n.txt b/n.txt\nnew file mode 100644\n--- /dev/null\n+++ b/n.txt\n@@ -0,0 +1,2 @@\n+one\n+two\n"
    )
    assert changes(told("", other)) == [("+", "one"), ("+", "two")]


edits = st.dictionaries(
    st.integers(0, 39), st.lists(st.sampled_from(["x\n", "y\n", "z\n"]), max_size=2), max_size=5
).map(lambda found: edited(*found.items()))


@given(edits, edits)
def test_it_counts_what_a_diff_of_the_whole_files_counts(one, other):
    files = told(patch(BASE, one), patch(BASE, other))
    found = changes(files)
    # Applied to one side's whole file, the difference gives the other's: the multisets of lines agree.
    removed = sorted(text for sign, text in found if sign == "-")
    added = sorted(text for sign, text in found if sign == "+")
    before = sorted(line.rstrip("\n") for line in one)
    after = sorted(line.rstrip("\n") for line in other)
    for text in removed:
        before.remove(text)
    assert sorted(before + added) == after
    assert (found == []) == (one == other)
