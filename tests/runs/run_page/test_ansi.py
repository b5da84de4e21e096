"""Colours of terminals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.run_page.ansi import pieces, plain


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("plain", [("", "plain")]),
        ("\x1b[31mred\x1b[0m not", [("ansi-red", "red"), ("", " not")]),
        ("\x1b[1;92mok\x1b[22m thin", [("ansi-bold ansi-green", "ok"), ("ansi-green", " thin")]),
        ("\x1b[38;5;1mred\x1b[39m", [("ansi-red", "red")]),
        ("\x1b[38;2;9;9;9mtrue\x1b[0m", [("", "true")]),
        ("\x1b[38mcut", [("", "cut")]),
        ("\x1b[2K\x1b[1Gmoved", [("", "moved")]),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x07", [("", "link")]),
        ("bell\x07 \x00nul", [("", "bell nul")]),
    ],
)
def test_a_line_is_cut_into_pieces(line, found):
    assert pieces(line) == found


@given(st.text(alphabet="\x1b[]0123456789;mK a\x07", max_size=60))
def test_of_any_text_no_control_character_is_left(text):
    shown = "".join(part for _, part in pieces(text))
    assert "\x1b" not in shown
    assert shown == plain(text)
