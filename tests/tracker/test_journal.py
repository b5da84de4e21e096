"""Journals on a disk: written, torn, damaged, full, and read again."""

import json
import subprocess
import sys
import threading
import timeit

import pytest

from tests.server import ROOT
from tracker.errors import JournalFull, RunEnded
from tracker.journal import marks, shelf
from tracker.journal.marks import Mark
from tracker.journal.reading import JournalReader, NoJournal, Place
from tracker.journal.writing import JournalWriter

HEADER = {"run_id": "r1", "writer": "ab", "uri": "http://127.0.0.1:1", "opened": 0, "run": {}}


@pytest.fixture
def writer(tmp_path):
    writer = JournalWriter(tmp_path / "r1.ab", HEADER)
    yield writer
    writer.release()


def read(folder):
    reader = JournalReader(folder)
    try:
        return [(item.end.number, item.entry) for item in reader.entries(reader.start)]
    finally:
        reader.close()


def test_entries_are_numbered_from_one_behind_the_header(writer):
    writer.append('{"a":1}')
    writer.append('{"b":2}')
    assert read(writer.folder) == [(1, {"a": 1}), (2, {"b": 2})]
    reader = JournalReader(writer.folder)
    assert reader.header == {"journal": 1} | HEADER
    reader.close()


def test_an_entry_is_with_the_system_when_the_call_returns(writer):
    writer.append('{"a":1}')
    assert (writer.folder / "journal").read_bytes().endswith(b' {"a":1}\n')


def test_reading_goes_on_where_it_ended(writer):
    for number in range(5):
        writer.append(json.dumps({"n": number}))
    reader = JournalReader(writer.folder)
    place = reader.place_of(3)
    assert [item.entry for item in reader.entries(place)] == [{"n": 3}, {"n": 4}]
    writer.append('{"n":5}')
    assert [item.end.number for item in reader.entries(place)] == [4, 5, 6]
    assert reader.place_of(99) == Place(6, reader.size)
    reader.close()


def test_a_line_longer_than_a_piece_is_read_whole(writer):
    writer.append(json.dumps({"text": "x" * 3_000_000}))
    writer.append('{"b":2}')
    assert [len(entry.get("text", "")) for _, entry in read(writer.folder)] == [3_000_000, 0]


def test_a_torn_last_line_is_not_there(writer):
    writer.append('{"a":1}')
    with (writer.folder / "journal").open("ab") as file:
        file.write(b'01234567 {"b":')
    assert read(writer.folder) == [(1, {"a": 1})]


def test_a_damaged_line_is_left_out_and_keeps_its_number(writer):
    for number in range(3):
        writer.append(json.dumps({"n": number}))
    content = (writer.folder / "journal").read_bytes()
    (writer.folder / "journal").write_bytes(content.replace(b'{"n": 1}', b'{"n": 7}'))
    assert read(writer.folder) == [(1, {"n": 0}), (2, None), (3, {"n": 2})]


@pytest.mark.parametrize("content", [b"", b"\n", b"hello\n", b'00000000 {"journal": 1}\n'])
def test_a_file_that_is_no_journal_is_refused_in_words(tmp_path, content):
    (tmp_path / "journal").write_bytes(content)
    with pytest.raises(NoJournal, match="damaged from its first line"):
        JournalReader(tmp_path)


def test_a_journal_of_a_later_format_says_so(tmp_path):
    from tracker.journal.entries import line_of

    (tmp_path / "journal").write_bytes(line_of('{"journal": 2}'))
    with pytest.raises(NoJournal, match="of format 2, which this release can't read"):
        JournalReader(tmp_path)


def test_threads_write_whole_lines(writer):
    def write(name):
        for number in range(500):
            writer.append(json.dumps({"name": name, "n": number}))

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = [entry for _, entry in read(writer.folder)]
    for name in "abcd":
        assert [entry["n"] for entry in entries if entry["name"] == name] == list(range(500))


def test_nothing_is_lost_in_silence_after_the_end(writer):
    writer.release()
    with pytest.raises(RunEnded):
        writer.append('{"a":1}')


FULL = """
import json, resource, signal, sys
from pathlib import Path
from tracker.journal.writing import JournalWriter
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
writer = JournalWriter(Path(sys.argv[1]) / "r1.ab", json.loads(sys.argv[2]))
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, hard))
for number in range(300):
    writer.append(json.dumps({"n": number}))
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
for number in range(300, 310):
    writer.append(json.dumps({"n": number}))
print(writer.dropped)
"""


def test_what_a_full_disk_does_not_take_is_said_and_spoils_no_other(tmp_path):
    command = [sys.executable, "-c", FULL, str(tmp_path), json.dumps(HEADER)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    numbers = [entry["n"] for _, entry in read(tmp_path / "r1.ab") if entry]
    dropped = int(done.stdout)
    assert "can't be written" in done.stderr
    assert "1 call so far not kept" in done.stderr
    assert dropped > 0
    assert len(numbers) == 310 - dropped
    assert numbers[-10:] == list(range(300, 310))
    assert numbers == sorted(numbers)


def test_a_journal_at_its_limit_says_what_it_drops(writer, capfd):
    writer.is_full = True
    writer.append('{"a":1}')
    with pytest.raises(JournalFull, match="TRACKER_JOURNAL_LIMIT"):
        writer.take_content(b"x")
    assert "1 call so far not kept" in capfd.readouterr().err
    writer.is_full = False
    writer.append('{"b":2}')
    assert read(writer.folder) == [(1, {"b": 2})]


def test_files_are_copied_in(writer, tmp_path):
    (tmp_path / "model").write_bytes(b"weights")
    name, size = writer.take_file(tmp_path / "model")
    (tmp_path / "model").unlink()
    assert (writer.folder / "files" / name).read_bytes() == b"weights"
    assert size == 7


def test_a_journal_is_open_as_long_as_its_writer_lives(writer):
    assert [shelved.is_open for shelved in shelf.journals(writer.folder.parent)] == [True]
    writer.release()
    assert [shelved.is_open for shelved in shelf.journals(writer.folder.parent)] == [False]


def test_looking_at_a_journal_leaves_nothing_behind(writer):
    writer.release()
    shelf.journals(writer.folder.parent)
    shelf.remove(writer.folder)
    assert not writer.folder.exists()


def test_what_was_refused_stays_when_the_rest_is_removed(writer):
    (writer.folder / "refused").write_text("{}")
    writer.release()
    shelf.remove(writer.folder)
    assert shelf.journals(writer.folder.parent) == []
    assert shelf.refused(writer.folder.parent) == [writer.folder]


def test_a_mark_is_kept_whole_or_not_at_all(tmp_path):
    assert marks.read(tmp_path / "sent.entries") is None
    marks.write(tmp_path / "sent.entries", Mark(3, 120, 3))
    assert marks.read(tmp_path / "sent.entries") == Mark(3, 120, 3)
    (tmp_path / "sent.entries").write_text('{"number": 3')
    assert marks.read(tmp_path / "sent.entries") is None


def test_an_append_takes_microseconds(writer):
    """No promise of speed (bench/client.py measures it); a slip of a hundred times would be a bug."""
    entry = '{"t":1795521600000,"s":1,"m":{"loss":0.5}}'
    assert min(timeit.repeat(lambda: writer.append(entry), number=1000, repeat=5)) < 1
