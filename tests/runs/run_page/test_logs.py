"""What a run printed, as its page shows it."""

import time

import pytest
from django.test import Client

from runs.models import ConsoleChunk
from runs.run_page import logs
from runs.run_page.logs import LogPage, Question
from tests.factories import make_run

pytestmark = pytest.mark.django_db


def printed(*texts, run=None):
    run = run or make_run(run_id="r")
    for text in texts:
        stream, _, line = text.partition(":")
        offset = sum(len(chunk.text) for chunk in run.console.filter(stream=stream))
        run.console.create(stream=stream, offset=offset, text=line)
    return run


def shown(run, **question):
    return [line.text for line in LogPage(run, Question(**question)).lines]


def test_lines_of_both_streams_stand_in_the_order_in_which_they_came():
    assert shown(printed("stdout:a\n", "stderr:b\n", "stdout:c\n")) == ["a", "b", "c"]


def test_a_line_that_came_in_parts_is_one_and_is_not_torn_by_the_other_stream():
    assert shown(printed("stdout:hal", "stderr:warn\n", "stdout:f\n")) == ["warn", "half"]


def test_of_a_progress_bar_the_last_state_is_shown():
    assert shown(printed("stderr: 10%\r 50%\r100%\r\n")) == ["100%"]


def test_a_stream_may_be_chosen():
    assert shown(printed("stdout:a\n", "stderr:b\n"), stream="stderr") == ["b"]


def test_a_search_finds_lines_whatever_their_case_and_colours():
    assert shown(printed("stdout:\x1b[31mLo\x1b[0mss 3\nacc 4\n"), find="loss") == ["\x1b[31mLo\x1b[0mss 3"]


def test_levels_keep_what_is_as_bad_or_worse_and_what_hangs_on_it():
    text = (
        "stderr:INFO:root:fine\nWARNING:root:hm\nERROR:root:bad\n"
        'Traceback (most recent call last):\n  File "a.py"\nValueError: x\nfine\n'
    )
    run = printed(text)
    trace = ["Traceback (most recent call last):", '  File "a.py"', "ValueError: x"]
    assert shown(run, level="error") == ["ERROR:root:bad", *trace]
    assert shown(run, level="warning") == ["WARNING:root:hm", "ERROR:root:bad", *trace]


def test_a_long_log_shows_its_end_and_leads_to_what_came_before(monkeypatch):
    monkeypatch.setattr(logs, "PAGE_CHARACTERS", 10)
    run = printed(*(f"stdout:line {number}\n" for number in range(6)))
    page = LogPage(run, Question())
    assert [line.text for line in page.lines] == ["line 4", "line 5"]
    assert shown(run, before=page.earlier) == ["line 2", "line 3"]
    assert LogPage(run, Question(before=LogPage(run, Question(before=page.earlier)).earlier)).earlier is None


def test_a_page_that_follows_gets_what_is_new_alone():
    run = printed("stdout:a\n")
    last = LogPage(run, Question()).last
    assert shown(run, after=last) == []
    printed("stdout:b\n", run=run)
    assert shown(run, after=last) == ["b"]


def test_the_page_escapes_what_was_printed():
    printed("stdout:<script>alert(1)</script>\n")
    page = Client().get("/runs/r/logs/").content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_the_whole_log_is_a_file():
    printed("stdout:a\n", "stderr:b\n")
    answer = Client().get("/runs/r/logs/output.txt")
    assert b"".join(answer.streaming_content) == b"a\nb\n"
    assert answer["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("query", ["before=x", "after=-1", "level=loud", "stream=stdin", "before=99999999999999999999"])
def test_an_address_that_asks_for_nonsense_is_told_so(query):
    printed("stdout:a\n")
    assert Client().get(f"/runs/r/logs/?{query}").status_code == 400


def test_a_long_output_without_line_feeds_is_read_in_one_go():
    run = make_run(run_id="r")
    run.console.bulk_create(
        [ConsoleChunk(run=run, stream="stderr", offset=70 * n, text="x" * 69 + "\r") for n in range(20_000)]
    )
    began = time.process_time()
    (line,) = LogPage(run, Question(find="x")).lines
    assert line.text == "x" * 69
    assert time.process_time() - began < 3


def test_of_very_many_lines_in_one_piece_the_last_are_shown(monkeypatch):
    monkeypatch.setattr(logs, "MOST_LINES", 3)
    page = LogPage(printed("stdout:" + "".join(f"{number}\n" for number in range(9))), Question())
    assert [line.text for line in page.lines] == ["6", "7", "8"]
    assert page.is_cut


def test_a_project_that_printed_nothing_is_not_told_how_to_capture():
    run = make_run(source_type="PROJECT", status="FAILED", failure="no such branch")
    page = Client().get(f"/runs/{run.run_id}/logs/").text
    assert "It printed nothing" in page
    assert "tracker.start_run" not in page
