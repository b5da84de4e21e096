"""Each entry is stored once and in order, however delivery is cut short, begun anew, copied or repeated."""

import json
import shutil
import tempfile
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.models import AuditEntry
from runs.models import ConsoleChunk, Metric, MetricPoint, Run, WriterMark
from tests.api import Api
from tracker.delivery.lanes import EntriesLane
from tracker.errors import Refused, Unavailable
from tracker.journal.reading import JournalReader
from tracker.journal.releasing import release
from tracker.journal.writing import JournalWriter

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


class Here:
    """The server within this process. `fails` says of each request whether it is lost: on its way there, or back."""

    def __init__(self, fails=()):
        self.api, self.fails = Api(), iter(fails)

    def put_run(self, run_id, fields):
        return self.ask("PUT", f"/api/v1/runs/{run_id}/", json.dumps(fields).encode())

    def log(self, run_id, body):
        return self.ask("POST", f"/api/v1/runs/{run_id}/log/", body)

    def ask(self, method, path, body):
        fate = next(self.fails, "arrives")
        if fate == "lost":
            raise Unavailable("lost on its way there")
        answer = self.api.send(method, path, body)
        if fate == "unheard":
            raise Unavailable("the answer was lost")
        if answer.status >= 400:
            said = answer.body
            raise Refused(said["message"], answer.status, said["error_code"], said.get("field", ""))
        return answer.body


def journal(folder, run_id, entries):
    header = {"run_id": run_id, "writer": "ab12", "uri": "http://x", "opened": 0, "run": {"start_time": 5}}
    writer = JournalWriter(folder, header)
    writer.append("{}")
    for entry in entries:
        writer.append(json.dumps(entry))
    writer.release()
    return folder


def deliver(folder, server, most=1_000_000):
    """From where the marks say to the end, or to the first request that is lost."""
    reader = JournalReader(folder)
    lane = EntriesLane(reader, server, is_live=False)
    lane._most_entries = most
    try:
        while lane.step():
            pass
    except Unavailable:
        return False
    finally:
        reader.close()
    return True


def stored(run_id):
    """All that the database has of a run, keys and times of arrival aside."""
    run = Run.objects.get(run_id=run_id)
    fields = {name: getattr(run, name) for name in ("status", "end_time", "failure", "note", "point_count")}
    series = list(Metric.objects.filter(run=run).order_by("key").values("key", "count", "last", "min", "max", "mean"))
    points = MetricPoint.objects.filter(series__run=run).order_by("series__key", "step", "timestamp", "value", "is_nan")
    return {
        "fields": fields, "series": series,
        "points": list(points.values_list("series__key", "step", "timestamp", "value", "is_nan")),
        "params": dict(run.params.values_list("key", "value")),
        "tags": dict(run.tags.values_list("key", "value")),
        "console": list(ConsoleChunk.objects.filter(run=run).order_by("pk").values_list("stream", "offset", "text")),
    }  # fmt: skip


keys = st.sampled_from(["a", "b", "c"])
numbers = st.floats(-1e6, 1e6) | st.sampled_from([float("nan"), float("inf")])
entry = st.one_of(
    st.builds(lambda t, s, m: {"t": t, "s": s, "m": m}, st.integers(0, 50), st.integers(0, 9), st.dictionaries(
        keys, numbers, min_size=1, max_size=2)),
    st.builds(lambda tags: {"tags": tags}, st.dictionaries(keys, st.sampled_from(["1", "2"]), min_size=1)),
    st.builds(lambda key: {"removed_tags": [key]}, keys),
    st.builds(lambda status: {"status": status}, st.sampled_from(["RUNNING", "FINISHED", "FAILED"])),
    st.builds(lambda key: {"params": {key: f"value of {key}"}}, keys),
    st.just({"tags": {"mlflow.note.content": "a note"}}),
)  # fmt: skip
fates = st.lists(st.sampled_from(["arrives", "arrives", "lost", "unheard"]), max_size=12)


def numbered(entries):
    """With an end time for each end, so that two runs can be compared."""
    return [item | {"end_time": 100 + place} if "status" in item else item for place, item in enumerate(entries)]


def rolled_back(test):
    """Hypothesis calls a test many times within one of pytest's transactions."""

    def within(*arguments, **named):
        with transaction.atomic(), tempfile.TemporaryDirectory() as folder:
            test(Path(folder), *arguments, **named)
            transaction.set_rollback(True)

    within.__name__, within.__doc__ = test.__name__, test.__doc__
    return within


patiently = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@patiently
@given(st.lists(entry, max_size=25), st.lists(st.tuples(fates, st.integers(1, 8), st.booleans()), max_size=5))
def test_crashes_on_the_way_change_nothing(entries, tries):
    @rolled_back
    def check(folder):
        entries_said = numbered(entries)
        broken = journal(folder / "broken", "broken", entries_said)
        for fails, most, forgets in tries:
            deliver(broken, Here(fails), most)
            if forgets:
                (broken / "sent.entries").unlink(missing_ok=True)
        assert deliver(broken, Here())
        assert deliver(journal(folder / "whole", "whole", entries_said), Here())
        assert repr(stored("broken")) == repr(stored("whole"))

    check()


@patiently
@given(st.lists(entry, min_size=1, max_size=25), st.lists(st.integers(0, 30), min_size=1, max_size=4), st.data())
def test_any_prefix_again_undoes_no_later_edit(entries, cuts, data):
    @rolled_back
    def check(folder):
        entries_said = numbered(entries)
        whole = journal(folder / "whole", "edited", entries_said)
        assert deliver(whole, Here(), most=data.draw(st.integers(1, 10)))
        edit(data)
        before = repr(stored("edited")), audits()
        content = (whole / "journal").read_bytes().splitlines(keepends=True)
        for place, cut in enumerate(cuts):
            copy = folder / f"copy{place}"
            shutil.copytree(whole, copy)
            (copy / "sent.entries").unlink()
            (copy / "journal").write_bytes(b"".join(content[: cut + 1]) + content[-1][:7])
            deliver(copy, Here(), most=data.draw(st.integers(1, 10)))
            assert (repr(stored("edited")), audits()) == before

    check()


def edit(data):
    """What a person does meanwhile."""
    run = Run.objects.get(run_id="edited")
    for key in data.draw(st.lists(keys, max_size=3)):
        run.set_tag(key, "edited")
    for key in data.draw(st.lists(keys, max_size=2)):
        run.delete_tag(key)
    if data.draw(st.booleans()):
        run.change(status="KILLED", end_time=7, note="looked at")


def audits():
    return AuditEntry.objects.count()


def test_two_senders_of_one_journal_store_it_once(tmp_path):
    entries = [{"t": step, "s": step, "m": {"a": float(step)}} for step in range(20)]
    first = journal(tmp_path / "first", "r1", entries)
    shutil.copytree(first, tmp_path / "second")
    lanes = [EntriesLane(JournalReader(folder), Here(), False) for folder in (first, tmp_path / "second")]
    for lane, most in zip(lanes, (3, 5), strict=True):
        lane._most_entries = most
    while sum(lane.step() for lane in lanes):
        pass
    assert stored("r1")["series"][0]["count"] == 20
    assert WriterMark.objects.get().seq == 21


def test_a_server_put_back_to_an_older_state_is_brought_up_to_date(tmp_path):
    entries = [{"t": step, "s": step, "m": {"a": float(step)}} for step in range(20)]
    folder = journal(tmp_path / "j", "r1", entries)
    deliver(folder, Here())
    run = Run.objects.get(run_id="r1")
    MetricPoint.objects.filter(series__run=run).delete()
    Metric.objects.filter(run=run).delete()
    WriterMark.objects.filter(run=run).update(seq=1)
    assert deliver(folder, Here())
    assert stored("r1")["series"][0]["count"] == 20


def test_a_refused_entry_is_set_aside_and_the_rest_arrives(tmp_path, capfd):
    entries = [{"params": {"lr": "1"}}, {"t": 1, "s": 1, "m": {"a": 1.0}}, {"params": {"lr": "2", "seed": "7"}}]
    folder = journal(tmp_path / "j", "r1", [*entries, {"tags": {"t": "1"}}])
    assert deliver(folder, Here())
    assert stored("r1")["params"] == {"lr": "1", "seed": "7"}
    assert stored("r1")["tags"] == {"t": "1"}
    (refused,) = map(json.loads, (folder / "refused").read_text().splitlines())
    assert refused["field"] == "params.lr"
    assert refused["entry"] == entries[2]
    assert "refused, and kept in" in capfd.readouterr().err


def test_a_run_in_the_trash_takes_nothing_and_nothing_is_thrown_away(tmp_path):
    folder = journal(tmp_path / "j", "r1", [{"tags": {"a": "1"}}])
    Here().put_run("r1", {})
    Run.objects.get(run_id="r1").trash()
    with pytest.raises(Refused, match="trash"):
        deliver(folder, Here())
    Run.objects.get(run_id="r1").restore()
    assert deliver(folder, Here())
    assert stored("r1")["tags"] == {"a": "1"}


def test_what_was_delivered_is_given_back_to_the_disk_and_the_rest_arrives(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr("tracker.journal.releasing.LEAST_BYTES", 4096)
    points = [{"t": step, "s": step, "m": {"a": float(step)}} for step in range(3000)]
    folder = journal(tmp_path / "j", "r1", points)
    reader = JournalReader(folder)
    lane = EntriesLane(reader, Here(), is_live=False)
    lane._most_entries = 2000
    lane.step()
    before = (folder / "journal").stat().st_blocks
    release(reader, lane.mark.place)
    assert (folder / "journal").stat().st_blocks < before / 2
    reader.close()
    (folder / "sent.entries").unlink()
    assert deliver(folder, Here())
    assert stored("r1")["series"][0]["count"] == 3000
    WriterMark.objects.update(seq=5)
    assert deliver(folder, Here())
    assert stored("r1")["series"][0]["count"] == 3000
    assert "has lost entries 6 to 2001 of run r1" in capfd.readouterr().err
