"""Each thing that can be damaged is found, told, mended where that can be, and clean afterwards."""

import hashlib
import json
import math
import os
import struct
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from experiments.models import AuditEntry
from runs import correcting, ingest, moving, points, thinning
from runs.artifacts import store
from runs.artifacts.storage import INCOMING, BlobStorage, blob_storage
from runs.checking import CHECKS, Scope, files, look, series
from runs.models import Artifact, Blob, Metric, MetricBucket, MetricPoint, Param, Run
from tests.factories import NOON, log, make_experiment, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Nobody else is here, so nothing has to be waited for."""
    monkeypatch.setattr(series, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(files, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(files, "UNTOUCHED_SECONDS", 0.0)


@pytest.fixture(autouse=True)
def blobs(settings, tmp_path):
    """A folder of blobs for this test alone."""
    artifacts = settings.STORAGES["artifacts"] | {"OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"artifacts": artifacts}
    return tmp_path


def findings(quick=False):
    """(check, finding) of all that is wrong."""
    return [(check.name, finding) for check in CHECKS for finding in look(check, Scope(quick))]


def found():
    """The one check that finds something, what it says and whether it can be mended."""
    ((check, finding),) = findings()
    return check, f"{finding.where}: {finding.what}", finding.is_repairable


def repair(*options):
    """Run the command with --repair: what it says."""
    said = StringIO()
    call_command("check_data", "--repair", *options, stdout=said)
    return said.getvalue()


def execute(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def put(run, path="model.bin", content=b"weights"):
    return store.put(run, path, [content])[0]


def place_of(blob):
    return blob_storage().path(store.name_of(blob.sha256))


def long_run():
    run = make_run()
    log(run, metrics={"loss": [math.sin(step) for step in range(5000)]})
    return run


def one_step_run():
    """A long series without steps, which is thinned by time."""
    run = make_run()
    times = [NOON + 10 * number for number in range(5000)]
    columns = ingest.Series(values=[float(number) for number in range(5000)], steps=[0] * 5000, timestamps=times)
    ingest.store(run.run_id, ingest.Batch(metrics={"loss": columns}))
    return run


# --- What is well ---------------------------------------------------------------------------------------------------


def test_an_empty_database_is_well():
    said = StringIO()
    call_command("check_data", stdout=said)
    assert said.getvalue() == "All is well.\n"


def test_a_tracker_in_use_is_well():
    child = make_run(parent_run_id=make_run(params={"lr": "1e-3", "note": "nan"}).run_id)
    put(child)
    put(child, content=b"other weights")
    long_run()
    one_step_run()
    make_run(metrics={"loss": [math.nan, math.inf, 1.0], "empty": []}).trash()
    assert findings() == []


@pytest.mark.parametrize("from_step", [1, 300, 4097, 4999])
def test_a_long_series_that_was_cut_is_well(from_step):
    correcting.cut_metric(long_run(), "loss", from_step)
    assert findings() == []


def test_a_sum_that_overflows_on_the_way_is_no_damage():
    """Where adding overflows, the mean depends on the order in which points came."""
    run = make_run(metrics={"a": [1e308, 1e308, -1e308]})
    for step, value in enumerate([1e308, 1e308, -1e308, -1e308]):
        columns = ingest.Series(values=[value], steps=[step], timestamps=[NOON])
        ingest.store(run.run_id, ingest.Batch(metrics={"b": columns}))
    assert findings() == []


def test_a_run_that_is_being_deleted_for_good_is_left_alone():
    make_run(metrics={"loss": [1.0, 2.0]})
    execute("DELETE FROM runs_metricpoint")
    Run.objects.update(lifecycle_stage="purging", point_count=99, artifact_bytes=99)
    assert [check for check, _ in findings()] == ["deleted for good"]


def test_what_is_marked_to_be_deleted_for_good_is_told_as_harmless_and_goes_on():
    put(make_run(metrics={"loss": [1.0, 2.0]}))
    Run.objects.update(lifecycle_stage="purging")
    words = "what is deleted for good: 1 runs and 0 experiments are marked, and still take room"
    assert found() == ("deleted for good", words, True)
    assert repair().endswith("All is well.\n")
    assert [model.objects.count() for model in (Run, MetricPoint, Blob)] == [0, 0, 0]
    assert findings() == []


numbers = st.one_of(st.floats(), st.sampled_from([0.0, -0.0, 1e16, -1e16, 1e308, 5e-324, math.nan, math.inf]))
steps = st.one_of(st.integers(0, 40), st.integers(-(2**63), 2**63 - 1))
batches = st.lists(st.lists(st.tuples(steps, st.integers(0, 30), numbers), max_size=60), min_size=1, max_size=4)


class AnyData(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(batches, st.booleans(), st.dictionaries(st.text("ab1.e-_", min_size=1, max_size=5), st.text(max_size=9)))
    def test_whatever_was_logged_is_well(self, logged, one_step, params):
        params = {key: value.replace("\0", "") for key, value in params.items()}
        before = (thinning.TREE_POINTS, thinning.LEAF_POINTS)
        thinning.TREE_POINTS, thinning.LEAF_POINTS = 16, 4
        try:
            run = make_run(params=params)
            for rows in logged:
                given_steps, times, values = (list(column) for column in zip(*rows, strict=True)) if rows else ([],) * 3
                given_steps = [7] * len(rows) if one_step else given_steps
                columns = ingest.Series(values=values, steps=given_steps, timestamps=times)
                ingest.store(run.run_id, ingest.Batch(metrics={"m": columns}))
            assert findings() == []
        finally:
            thinning.TREE_POINTS, thinning.LEAF_POINTS = before


# --- Summaries ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("nan_count", 1, "nan_count is 1 and its points come to 0"),
        ("last", 9.0, "last is 9.0 and its points come to 2.0"),
        ("last", None, "last is None and its points come to 2.0"),
        ("last_step", 7, "last_step is 7 and its points come to 2"),
        ("last_time", 0, f"last_time is 0 and its points come to {NOON + 2000}"),
        ("min", -1.0, "min is -1.0 and its points come to 1.0"),
        ("min_step", 2, "min_step is 2 and its points come to 0"),
        ("max", 5.0, "max is 5.0 and its points come to 3.0"),
        ("max_step", 0, "max_step is 0 and its points come to 1"),
        ("mean", 2.5, "mean is 2.5 and its points come to 2.0"),
        ("mean", math.inf, "mean is inf and its points come to 2.0"),
        ("mean", None, "mean is None and its points come to 2.0"),
        ("exact_sum", struct.pack("<d", 7.0), "the sum that its mean is made of is not that of its points"),
        ("exact_sum", b"abc", "the sum that its mean is made of is not that of its points"),
    ],
)
def test_a_wrong_summary_is_found_and_counted_again(field, value, said):
    run = make_run(metrics={"loss": [1.0, 3.0, 2.0]})
    right = Metric.objects.values().get()
    Metric.objects.update(**{field: value})
    assert found() == ("summaries", f"run {run.run_id}, metric 'loss': {said}", True)
    assert repair().endswith("1 findings, 1 repaired.\nAll is well.\n")
    assert Metric.objects.values().get() == right
    assert findings() == []


def test_a_wrong_count_is_found_and_counted_again():
    run = make_run(metrics={"loss": [1.0, 3.0, 2.0]})
    Metric.objects.update(count=5)
    assert [check for check, _ in findings()] == ["summaries", "point counts"]
    assert "count is 5 and its points come to 3" in repair()
    assert Metric.objects.get().count == Run.objects.get(pk=run.pk).point_count == 3
    assert findings() == []


def test_a_lost_point_is_found_by_its_summary():
    make_run(metrics={"loss": [1.0, 3.0, 2.0]})
    execute("DELETE FROM runs_metricpoint WHERE step = 2")
    repair()
    metric = Metric.objects.get()
    assert (metric.count, metric.last, Run.objects.get().point_count) == (2, 3.0, 2)
    assert findings() == []


def test_a_repair_leaves_what_was_there_in_the_audit_trail():
    run = make_run(metrics={"loss": [1.0, 3.0]})
    Metric.objects.update(last=9.0)
    repair()
    entry = AuditEntry.objects.get(action="repair")
    assert (entry.who, entry.kind, entry.object_id) == ("check_data", "run", run.run_id)
    assert entry.before == {"metric loss": {"last": "9.0"}}


# --- Trees ----------------------------------------------------------------------------------------------------------


def damage_bucket(**fields):
    """Change one leaf in the middle of the only tree."""
    leaf = MetricBucket.objects.filter(is_split=False).order_by("level", "bucket")[5]
    chosen = MetricBucket.objects.filter(by_time=leaf.by_time, level=leaf.level, bucket=leaf.bucket)
    if fields:
        chosen.update(**fields)
    else:
        chosen.delete()


@pytest.mark.parametrize("make", [long_run, one_step_run])
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "points, and"),
        ({"count": 3}, "counts 3 points, and"),
        ({"is_split": True}, "is split, and nothing lies below it"),
        ({"count": 300}, "holds too many points for a leaf"),
        ({"points": b""}, "keeps other points than first, last, lowest and highest"),
        ({"points": b"short"}, "a bucket of its tree can't be read"),
    ],
)
def test_a_wrong_bucket_is_found_and_made_again(make, fields, said):
    run = make()
    right = list(MetricBucket.objects.values_list())
    damage_bucket(**fields)
    check, words, is_repairable = found()
    assert (check, is_repairable) == ("trees", True)
    assert words.startswith(f"run {run.run_id}, metric 'loss'")
    assert said in words
    repair()
    assert sorted(MetricBucket.objects.values_list(), key=repr) == sorted(right, key=repr)
    assert findings() == []


@pytest.mark.parametrize(("make", "by_time"), [(long_run, False), (one_step_run, True)])
def test_a_tree_over_the_wrong_axis_is_found_and_made_again(make, by_time):
    make()
    MetricBucket.objects.update(by_time=not by_time)
    check, _, is_repairable = found()
    assert (check, is_repairable) == ("trees", True)
    repair()
    assert set(MetricBucket.objects.values_list("by_time", flat=True)) == {by_time}
    assert findings() == []


def test_a_tree_over_steps_of_a_series_of_one_step_is_found():
    """It holds what its points come to, and yet no drawing could tell them apart."""
    run = one_step_run()
    metric = run.metrics.get()
    thinning.forget(metric.pk)
    rows = [row for piece in points.pieces(metric.pk) for row in piece]
    tree = thinning.Tree(metric.pk, by_time=False, top=0, step=0)
    tree.write([thinning.Bucket(0, 0, len(rows), is_split=False, kept=thinning.keep(rows))])
    assert found()[1].endswith("its tree ranges over steps, and all points have one")
    repair()
    assert findings() == []


def test_a_missing_tree_is_found_and_made():
    long_run()
    MetricBucket.objects.all().delete()
    assert found()[1].endswith("it has 5000 points and no tree")
    repair()
    assert MetricBucket.objects.exists()
    assert findings() == []


def test_a_tree_of_a_short_series_is_found_and_dropped():
    long_run()
    MetricPoint.objects.filter(step__gte=10).delete()
    assert [check for check, _ in findings()] == ["summaries", "trees"]
    repair()
    assert not MetricBucket.objects.exists()
    assert findings() == []


def test_a_bucket_outside_of_its_tree_is_found():
    metric = long_run().metrics.get()
    metric.buckets.create(by_time=False, level=0, bucket=10**9, count=1, is_split=False, points=b"")
    assert found()[1].endswith("buckets lie outside of its tree")
    repair()
    assert findings() == []


def test_points_and_buckets_of_no_metric_are_found_and_deleted():
    long_run()
    execute("DELETE FROM runs_metric")
    Run.objects.update(point_count=0)
    checks = [(check, finding.what) for check, finding in findings()]
    assert checks == [
        ("points without a metric", "5000 points belong to no metric"),
        ("trees without a metric", "a tree belongs to no metric"),
    ]
    repair()
    assert not MetricPoint.objects.exists()
    assert not MetricBucket.objects.exists()
    assert findings() == []


def test_a_copy_is_right_even_if_a_repair_deletes_what_was_copied_so_far(monkeypatch):
    """Its points come before its metric, so for a moment they belong to none."""
    run = long_run()
    copy_points = moving._ReservedSeries.copy_points

    def interrupted(self):
        copy_points(self)
        said = StringIO()
        call_command("check_data", "--repair", stdout=said)
        assert "5000 points belong to no metric. Repaired." in said.getvalue()

    monkeypatch.setattr(moving._ReservedSeries, "copy_points", interrupted)
    copied = moving.copy_run(run)
    assert copied.metrics.get().points.count() == 5000
    assert findings() == []


def test_a_deletion_that_goes_on_is_no_damage(monkeypatch):
    long_run()
    execute("DELETE FROM runs_metric")
    Run.objects.update(point_count=0)
    MetricBucket.objects.all().delete()
    monkeypatch.setattr(series.time, "sleep", lambda _: execute("DELETE FROM runs_metricpoint WHERE step < 100"))
    assert findings() == []


# --- Runs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "check", "said"),
    [
        ("point_count", "point counts", "point_count is 99, and its metrics hold 2"),
        ("artifact_bytes", "artifact sizes", "artifact_bytes is 99, and its files have 7"),
    ],
)
def test_a_wrong_size_of_a_run_is_found_and_added_up(field, check, said):
    run = make_run(metrics={"loss": [1.0, 2.0]})
    put(run)
    Run.objects.update(**{field: 99})
    assert found() == (check, f"run {run.run_id}: {said}", True)
    repair()
    run.refresh_from_db()
    assert (run.point_count, run.artifact_bytes) == (2, 7)
    assert findings() == []


@pytest.mark.parametrize(
    ("text", "wrong", "right"), [("0.1", 0.2, 0.1), ("0.1", None, 0.1), ("adam", 1.0, None), ("inf", 1.0, math.inf)]
)
def test_a_wrong_number_of_a_param_is_found_and_read_again(text, wrong, right):
    run = make_run(params={"p": text})
    Param.objects.update(number=wrong)
    assert found() == (
        "params", f"run {run.run_id}, param 'p': its number is {wrong}, and its text comes to {right}", True
    )  # fmt: skip
    repair()
    assert Param.objects.get().number == right
    assert findings() == []


def test_a_number_that_does_not_stand_for_the_params():
    run = make_run(params={"lr": "0.1"})
    right = Run.objects.get(pk=run.pk).configuration
    Run.objects.filter(pk=run.pk).update(configuration=7)
    said = f"run {run.run_id}: configuration is 7, and its params come to {right}"
    assert found() == ("configurations", said, True)
    repair()
    assert Run.objects.get(pk=run.pk).configuration == right
    assert findings() == []


def test_a_circle_of_parents_is_told_once_and_opened_at_the_run_that_began_first():
    late, early = make_run(run_id="late"), make_run(run_id="early", start_time=NOON - 5)
    below = make_run(run_id="below", parent_run_id="late")
    Run.objects.filter(pk=late.pk).update(parent_run_id="early")
    Run.objects.filter(pk=early.pk).update(parent_run_id="late")
    assert found() == ("parents", "run late: its parents lead back to it: late → early → late", True)
    repair()
    parents = dict(Run.objects.values_list("run_id", "parent_run_id"))
    assert parents == {"late": "early", "early": None, below.run_id: "late"}
    assert findings() == []


def test_a_run_that_is_its_own_parent_is_found():
    make_run(run_id="r1", parent_run_id="r1")
    assert found()[1] == "run r1: its parents lead back to it: r1 → r1"
    repair()
    assert findings() == []


@pytest.mark.django_db(transaction=True)
def test_a_run_of_no_experiment_is_found_and_moved_to_default(unchecked_keys):
    run = make_run(make_experiment())
    with unchecked_keys():
        execute("UPDATE runs_run SET experiment_id = 4711")
    assert found() == ("experiments of runs", f"run {run.run_id}: its experiment 4711 is not there", True)
    repair()
    assert Run.objects.get().experiment_id == 0
    assert findings() == []


@pytest.fixture
def unchecked_keys(transactional_db):
    """Let rows be written that name nothing, as only damage could."""

    class Unchecked:
        def __enter__(self):
            execute("PRAGMA foreign_keys = OFF")

        def __exit__(self, *error):
            execute("PRAGMA foreign_keys = ON")

    return Unchecked


@pytest.mark.django_db(transaction=True)
def test_rows_of_runs_that_are_not_there_are_found_and_deleted(unchecked_keys):
    run = make_run(params={"lr": "0.1", "depth": "3"}, tags={"a": "b"}, metrics={"loss": [1.0]})
    with unchecked_keys():
        execute("DELETE FROM runs_run")
    said = {finding.where: finding.what for _, finding in findings()}
    assert said == {
        "table runs_param": "2 rows name a row of runs_run that is not there, by run_id",
        "table runs_tag": "1 rows name a row of runs_run that is not there, by run_id",
        "table runs_metric": "1 rows name a row of runs_run that is not there, by run_id",
    }
    repair()
    assert findings() == []
    kept = AuditEntry.objects.get(object_id="runs_param").before["first rows"]
    assert {row["key"]: row["run_id"] for row in kept} == {"lr": str(run.pk), "depth": str(run.pk)}


@pytest.mark.django_db(transaction=True)
def test_an_environment_that_is_not_there_is_taken_from_its_run(unchecked_keys):
    make_run()
    with unchecked_keys():
        execute("UPDATE runs_run SET environment_id = 4711")
    check, words, is_repairable = found()
    assert (check, is_repairable) == ("foreign keys", True)
    assert words == "table runs_run: 1 rows name a row of runs_environment that is not there, by environment_id"
    repair()
    assert Run.objects.get().environment_id is None
    assert findings() == []


@pytest.mark.django_db(transaction=True)
def test_an_index_that_lost_a_row_is_found_and_built_again(transactional_db):
    make_run(params={"lr": "0.1"})
    execute("PRAGMA writable_schema = ON")
    execute("UPDATE sqlite_master SET sql = sql || ' WHERE 0' WHERE name = 'param_search'")
    execute("PRAGMA writable_schema = RESET")
    make_run(params={"lr": "0.2"})
    execute("PRAGMA writable_schema = ON")
    execute("UPDATE sqlite_master SET sql = replace(sql, ' WHERE 0', '') WHERE name = 'param_search'")
    execute("PRAGMA writable_schema = RESET")
    check, words, is_repairable = found()
    assert (check, is_repairable) == ("database", True)
    assert words.startswith("index param_search: ")
    repair()
    assert findings() == []


# --- Files ----------------------------------------------------------------------------------------------------------


def test_a_missing_file_is_told_with_where_it_is_missed_and_can_be_sent_again():
    run = make_run()
    blob = put(run, "plots/roc.png").blob
    put(run, "again.png")
    os.unlink(place_of(blob))
    said = f"content {blob.sha256}: its file is missing. It is 'plots/roc.png' of run {run.run_id}, and 1 more."
    assert found() == ("contents", said, False)
    with pytest.raises(CommandError, match="1 thing is wrong"):
        repair()
    put(run, "plots/roc.png")
    assert findings() == []


@pytest.mark.parametrize(
    ("content", "said"), [(b"weight", "6 bytes that hash to"), (b"Weights", "7 bytes that hash to")]
)
def test_a_damaged_file_is_told_and_moved_away_so_that_it_can_be_sent_again(blobs, content, said):
    run = make_run()
    blob = put(run).blob
    with open(place_of(blob), "wb") as file:
        file.write(content)
    check, words, is_repairable = found()
    assert (check, is_repairable) == ("contents", False)
    assert said in words
    assert f"It is 'model.bin' of run {run.run_id}." in words
    with pytest.raises(CommandError, match="1 thing is wrong"):
        repair()
    assert (blobs / "damaged" / blob.sha256).read_bytes() == content
    assert found()[1].startswith(f"content {blob.sha256}: its file is missing.")
    put(run)
    assert findings() == []


def test_content_whose_file_is_lost_has_to_be_sent_again():
    run = make_run()
    blob = put(run).blob
    os.unlink(place_of(blob))
    with pytest.raises(store.UnknownBlob):
        store.put_known(run, "copy.bin", blob.sha256)


def test_a_quick_look_finds_a_truncated_file_and_not_a_changed_byte():
    blob = put(make_run()).blob
    with open(place_of(blob), "wb") as file:
        file.write(b"Weights")
    assert findings(quick=True) == []
    with open(place_of(blob), "wb") as file:
        file.write(b"wei")
    ((check, finding),) = findings(quick=True)
    assert check == "contents"
    assert "3 bytes" in finding.what


def test_a_link_in_place_of_a_file_is_not_followed(tmp_path_factory):
    blob = put(make_run()).blob
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "same"
    elsewhere.write_bytes(b"weights")
    os.unlink(place_of(blob))
    os.symlink(elsewhere, place_of(blob))
    assert "no file that can be read" in found()[1]
    with pytest.raises(CommandError):
        repair()
    put(make_run(), "sent again")
    assert findings() == []


def test_a_wrong_size_in_the_row_is_corrected():
    run = make_run()
    put(run)
    Blob.objects.update(size=5)
    Run.objects.update(artifact_bytes=5)
    assert found()[1].endswith("its row says 5 bytes, and it has 7")
    repair()
    assert (Blob.objects.get().size, Run.objects.get().artifact_bytes) == (7, 7)
    assert findings() == []


def test_content_that_no_run_has_is_told_as_harmless_and_deleted():
    blob = put(make_run()).blob
    Artifact.objects.all().delete()
    Run.objects.update(artifact_bytes=0)
    assert found() == ("unused contents", "contents: 1 that no run has any more take 7 bytes", True)
    said = StringIO()
    call_command("check_data", stdout=said)
    assert said.getvalue().endswith("All is well.\n")
    repair()
    assert not os.path.exists(place_of(blob))
    assert findings() == []


def test_content_that_no_run_has_and_that_is_lost_is_forgotten():
    os.unlink(place_of(put(make_run()).blob))
    Artifact.objects.all().delete()
    Run.objects.update(artifact_bytes=0)
    repair()
    assert not Blob.objects.exists()
    assert findings() == []


def test_nothing_goes_while_a_backup_holds_it():
    blob = put(make_run()).blob
    Artifact.objects.all().delete()
    Run.objects.update(artifact_bytes=0)
    with blob_storage().held():
        assert "0 repaired" in repair()
    assert os.path.exists(place_of(blob))


def test_a_file_that_no_row_names_is_found_and_deleted(blobs):
    sha256 = hashlib.sha256(b"left").hexdigest()
    (blobs / sha256[:2]).mkdir()
    (blobs / sha256[:2] / sha256).write_bytes(b"left")
    name = store.name_of(sha256)
    assert found() == ("files without a name", f"file {name}: no row names it, and it takes 4 bytes", True)
    repair()
    assert list((blobs / sha256[:2]).iterdir()) == []
    assert findings() == []


def test_a_file_that_is_just_being_deleted_is_no_finding(blobs, monkeypatch):
    sha256 = hashlib.sha256(b"going").hexdigest()
    (blobs / sha256[:2]).mkdir()
    (blobs / sha256[:2] / sha256).write_bytes(b"going")
    monkeypatch.setattr(files.time, "sleep", lambda _: (blobs / sha256[:2] / sha256).unlink())
    assert findings() == []


def test_a_file_that_is_not_ours_is_told_and_left(blobs):
    (blobs / "ab").mkdir()
    (blobs / "ab" / "notes.txt").write_text("mine")
    assert found() == (
        "files without a name", "file ab/notes.txt: this is not ours: contents are named by their hash", False
    )  # fmt: skip
    with pytest.raises(CommandError):
        repair()
    assert (blobs / "ab" / "notes.txt").exists()


def test_a_file_that_a_dead_server_left_is_found_and_deleted(blobs):
    (blobs / INCOMING).mkdir()
    (blobs / INCOMING / "tmpabc").write_bytes(b"half")
    assert found() == (
        "files left behind",
        "file incoming/tmpabc: a server died while it received this, and it takes 4 bytes",
        True,
    )
    repair()
    assert findings() == []


def test_a_file_that_is_being_received_is_no_damage():
    with blob_storage().incoming() as incoming:
        incoming.write(b"half")
        assert findings() == []


def test_the_storage_is_the_one_of_this_test(blobs):
    assert isinstance(blob_storage(), BlobStorage)
    assert str(blob_storage().location) == str(blobs)


# --- The command ----------------------------------------------------------------------------------------------------


def test_without_repair_nothing_is_changed_and_the_status_is_1():
    make_run(metrics={"loss": [1.0]})
    Metric.objects.update(last=9.0)
    said = StringIO()
    with pytest.raises(CommandError, match=r"1 thing is wrong\. --repair puts right what can be") as stopped:
        call_command("check_data", stdout=said)
    assert stopped.value.returncode == 1
    assert "last is 9.0 and its points come to 1.0. --repair counts it again" in said.getvalue()
    assert Metric.objects.get().last == 9.0


def test_findings_come_as_json_too():
    run = make_run(metrics={"loss": [1.0]})
    Metric.objects.update(last=9.0)
    (line,) = repair("--json").splitlines()
    assert json.loads(line) == {
        "check": "summaries",
        "where": f"run {run.run_id}, metric 'loss'",
        "what": "last is 9.0 and its points come to 1.0",
        "remedy": "--repair counts it again from its points.",
        "harmless": False,
        "repairable": True,
        "repaired": True,
    }


def test_a_check_leaves_checkpoints_to_the_server():
    """Two processes that make them in the same moment may lose pages in SQLite before 3.51.3."""
    repair()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_autocheckpoint")
        assert cursor.fetchone() == (0,)
