"""The lines of a journal: what is written is read, and what was damaged is known."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tracker.journal.entries import entry_of, line_of

texts = st.text(max_size=20)
values = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts, lambda inner: (
    st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
))  # fmt: skip
entries = st.dictionaries(texts, values, max_size=4)


@given(entries)
def test_an_entry_is_read_as_it_was_written(entry):
    line = line_of(json.dumps(entry))
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert entry_of(line[:-1]) == entry


@given(entries, st.data())
def test_any_changed_byte_is_noticed(entry, data):
    line = bytearray(line_of(json.dumps(entry))[:-1])
    place = data.draw(st.integers(0, len(line) - 1))
    line[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte not in (line[place], 10)))
    assert entry_of(bytes(line)) in (None, entry)  # the checksum's own digits may be written in capitals


@given(entries, st.data())
def test_any_torn_line_is_noticed(entry, data):
    line = line_of(json.dumps(entry))[:-1]
    assert entry_of(line[: data.draw(st.integers(0, len(line) - 1))]) is None


def test_a_line_of_something_else_is_damaged():
    assert entry_of(line_of("[1, 2]")[:-1]) is None
    assert entry_of(b"hello world, this is no journal") is None
    assert entry_of(b"") is None
