"""JSON as a tree that folds."""

import json

import pytest

from tests.runs.artifacts.previews import shown


def test_a_tree_shows_keys_values_and_sizes():
    root = shown("a.json", '{"a": 1, "b": ["x", null, true, 0.5]}').root
    a, b = root.children
    assert (root.text, root.is_open) == ("{2}", True)
    assert (a.label, a.kind, a.text) == ("a", "number", "1")
    assert (b.label, b.text) == ("b", "[4]")
    assert [(node.label, node.kind, node.text) for node in b.children] == [
        ("0", "text", '"x"'), ("1", "null", "null"), ("2", "word", "true"), ("3", "number", "0.5"),
    ]  # fmt: skip


@pytest.mark.parametrize("content", ["1", '"x"', "null", "[]", "{}", "NaN", "-Infinity"])
def test_a_single_value_is_a_tree(content):
    assert shown("a.json", content).kind == "tree"


def test_a_long_list_is_cut_and_that_is_said():
    preview = shown("a.json", json.dumps(list(range(50_000))))
    assert len(preview.root.children) == 1999
    assert preview.root.left_out == 48_001
    assert "2,000" in preview.note


def test_a_long_text_is_cut():
    assert shown("a.json", json.dumps("x" * 5000)).root.text == '"' + "x" * 1000 + '"…'


def test_depth_beyond_what_is_shown_is_counted():
    node = shown("a.json", "[" * 200 + "1" + "]" * 200).root
    depth = 0
    while node.children:
        node, depth = node.children[0], depth + 1
    assert (depth, node.left_out) == (24, 1)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ('{"a": ', "This is not JSON"),
        ("[" * 100_000 + "]" * 100_000, "nests too deep"),
        ("9" * 5000, "thousands of digits"),
        ('{"a": "' + "x" * 5_000_000 + '"}', "is shown as text"),
    ],
)
def test_what_is_no_tree_is_shown_as_text_with_the_reason(content, word):
    preview = shown("a.json", content)
    assert preview.kind == "text"
    assert word in preview.note


def test_a_mark_at_the_start_is_no_mistake():
    assert shown("a.json", b"\xef\xbb\xbf[1]").kind == "tree"
