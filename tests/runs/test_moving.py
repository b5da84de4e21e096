"""Runs change their experiment, and are copied whole."""

import pytest

from experiments.models import AuditEntry, Experiment
from runs import moving, points
from runs.artifacts import store as artifacts
from runs.creating import put_run
from runs.history import read_series
from runs.models import Artifact, Blob, ConsoleChunk, Environment, Metric, MetricBucket, MetricPoint, Run
from runs.moving import copy_run, move_runs
from tests.factories import make_experiment, make_run
from tests.runs.test_ingest import series, store
from trackerweb.errors import Conflict, NotFound

pytestmark = pytest.mark.django_db


def experiment_of(run):
    return Run.objects.get(pk=run.pk).experiment


# Moving


def test_runs_move_and_the_audit_trail_names_where_they_were():
    old, new = make_experiment("old"), make_experiment("new")
    runs = [make_run(old), make_run()]
    assert move_runs(runs, new) == runs
    assert {experiment_of(run) for run in runs} == {new}
    told = dict(AuditEntry.objects.filter(action="move").values_list("object_id", "before"))
    assert told[runs[0].run_id] == {"experiment": "old", "experiment_id": old.pk}
    assert told[runs[1].run_id]["experiment"] == "Default"


def test_children_move_with_their_parent_wherever_they_are():
    new = make_experiment()
    parent = make_run()
    child = make_run(make_experiment(), parent_run_id=parent.run_id)
    grandchild = make_run(parent_run_id=child.run_id)
    trashed = make_run(parent_run_id=parent.run_id)
    trashed.trash()
    move_runs([child, parent], new)
    assert {experiment_of(run) for run in (parent, child, grandchild, trashed)} == {new}
    assert AuditEntry.objects.filter(action="move").count() == 4


def test_what_went_to_the_trash_with_its_experiment_stays_with_it():
    parent, gone = make_run(), make_experiment()
    child = make_run(gone, parent_run_id=parent.run_id)
    gone.trash()
    move_runs([parent], make_experiment())
    gone.restore()
    assert experiment_of(child) == gone
    assert Run.objects.get(pk=child.pk).is_active


def test_a_move_to_where_it_is_changes_nothing():
    run = make_run()
    assert move_runs([run], run.experiment) == []
    assert not AuditEntry.objects.exists()


def test_nothing_moves_into_the_trash():
    run, gone = make_run(), make_experiment()
    Experiment.objects.get(pk=gone.pk).trash()
    with pytest.raises(Conflict, match="in the trash"):
        move_runs([run], gone)
    assert experiment_of(run) == run.experiment


def test_one_run_in_the_trash_keeps_all_where_they_are():
    runs = [make_run(), make_run(), make_run()]
    Run.objects.get(pk=runs[1].pk).trash()
    with pytest.raises(Conflict, match="trash") as refused:
        move_runs(runs, make_experiment())
    assert (refused.value.field, refused.value.index) == ("run_ids", 1)
    assert experiment_of(runs[0]).pk == 0


def test_a_script_that_resumes_finds_its_run_where_it_was_moved_to():
    old, new = make_experiment(), make_experiment()
    run = make_run(old)
    move_runs([run], new)
    assert put_run(run.run_id, old) == (run, False)
    assert experiment_of(run) == new
    with pytest.raises(Conflict, match="Use another id"):
        put_run(run.run_id, make_experiment())


# Copying


def rows_of(run):
    found = MetricPoint.objects.filter(series__run=run).order_by("series__key", "step", "timestamp", "value", "is_nan")
    return list(found.values_list("series__key", "step", "timestamp", "value", "is_nan"))


def buckets_of(run):
    found = MetricBucket.objects.filter(series__run=run).order_by("series__key", "by_time", "level", "bucket")
    return list(found.values_list("series__key", "by_time", "level", "bucket", "count", "is_split", "points"))


def facts_of(run):
    """What a copy shares with its origin, field by field."""
    kept = {field.name for field in Run._meta.fields} - {"id", "run_id", "experiment", "name", "parent_run_id"}
    return {name: getattr(run, name) for name in kept}


def summaries_of(run):
    return [{**row, "id": 0, "run_id": 0} for row in Metric.objects.filter(run=run).order_by("key").values()]


def check_no_stray_points():
    known = set(Metric.objects.values_list("pk", flat=True))
    assert set(MetricPoint.objects.values_list("series", flat=True)) <= known
    assert set(MetricBucket.objects.values_list("series", flat=True)) <= known


@pytest.fixture
def rich_run(monkeypatch, tmp_path):
    """A run that has something of everything, and series longer than a piece of the copying."""
    monkeypatch.setattr(moving, "COPY_PIECE", 1000)
    run = make_run(
        make_experiment("origin"),
        name="first",
        params={"lr": "0.1", "kind": "base"},
        tags={"paper": "yes"},
        metrics={"long": [(step * 7919 % 1000) / 3 for step in range(6000)], "short": [1, float("nan"), float("inf")]},
        note="**Why**",
        user="ada",
        environment=Environment.of({"python": "3.11"}),
        parent_run_id="somebody",
    )
    store(run, metrics={"by time": series(*((0, time, float(time % 97)) for time in range(5000)))})
    ConsoleChunk.objects.create(run=run, stream="stdout", offset=0, text="epoch 1\n")
    artifacts.put(run, "models/best.bin", [b"weights"])
    return Run.objects.get(pk=run.pk)


def test_a_copy_holds_all_that_its_origin_holds(rich_run):
    copy = Run.objects.get(pk=copy_run(rich_run).pk)
    assert copy.run_id != rich_run.run_id
    assert len(copy.run_id) == 32
    assert facts_of(copy) == facts_of(rich_run)
    assert set(copy.params.values_list("key", "value", "number")) == {("lr", "0.1", 0.1), ("kind", "base", None)}
    assert dict(copy.tags.values_list("key", "value")) == {"paper": "yes", "copied_from": rich_run.run_id}
    assert list(copy.console.values_list("stream", "offset", "text")) == [("stdout", 0, "epoch 1\n")]
    assert rows_of(copy) == rows_of(rich_run)
    assert buckets_of(copy) == buckets_of(rich_run)
    assert buckets_of(copy)
    assert summaries_of(copy) == summaries_of(rich_run)
    check_no_stray_points()


def test_the_files_of_a_copy_are_not_stored_again(rich_run):
    copy = copy_run(rich_run)
    assert Blob.objects.count() == 1
    artifacts.delete(rich_run, "models/best.bin")
    with artifacts.open_blob(Artifact.objects.get(run=copy).blob) as file:
        assert file.read() == b"weights"


def test_a_copy_stands_by_itself_and_says_where_it_is_from(rich_run):
    copy = copy_run(rich_run)
    assert copy.parent_run_id is None
    entry = AuditEntry.objects.get(action="copy")
    assert (entry.object_id, entry.before) == (copy.run_id, {"copied_from": rich_run.run_id})
    store(copy, metrics={"short": series((3, 0, 5.0))})
    assert rich_run.metrics.get(key="short").count == 3


def test_a_copy_goes_where_it_is_told_under_the_name_it_is_given(rich_run):
    target = make_experiment()
    copy = copy_run(rich_run, target, "second")
    assert (copy.experiment, copy.name) == (target, "second")


def test_a_copy_of_a_copy_names_the_nearest_origin(rich_run):
    copy = copy_run(rich_run)
    again = copy_run(copy)
    assert again.tags.get(key="copied_from").value == copy.run_id


def test_children_are_copied_when_asked_for_and_know_their_new_parents():
    parent = make_run()
    child = make_run(parent_run_id=parent.run_id, metrics={"m": [1, 2]})
    make_run(parent_run_id=child.run_id, name="grandchild")
    copy = copy_run(parent, with_children=True)
    new_child = Run.objects.get(parent_run_id=copy.run_id)
    assert rows_of(new_child) == rows_of(child)
    assert Run.objects.get(parent_run_id=new_child.run_id).name == "grandchild"
    assert Run.objects.count() == 6


def test_children_stay_behind_unless_asked_for():
    parent = make_run()
    make_run(parent_run_id=parent.run_id)
    copy_run(parent)
    assert Run.objects.count() == 3


def test_a_grandchild_whose_parent_is_in_the_trash_hangs_on_the_copy():
    parent = make_run()
    child = make_run(parent_run_id=parent.run_id)
    grandchild = make_run(parent_run_id=child.run_id)
    child.trash()
    Run.objects.get(pk=grandchild.pk).restore()
    copy = copy_run(parent, with_children=True)
    assert Run.objects.filter(parent_run_id=copy.run_id).count() == 1


def test_runs_that_are_each_others_parents_can_be_copied():
    one = make_run(run_id="one", parent_run_id="two")
    make_run(run_id="two", parent_run_id="one")
    copy = copy_run(one, with_children=True)
    assert Run.objects.get(pk=copy.pk).parent_run_id is None
    assert Run.objects.count() == 4


def test_nothing_is_copied_from_or_into_the_trash():
    gone, run = make_experiment(), make_run(metrics={"m": [1]})
    Experiment.objects.get(pk=gone.pk).trash()
    with pytest.raises(Conflict, match="in the trash"):
        copy_run(run, gone)
    assert Run.objects.count() == 1
    check_no_stray_points()
    run.trash()
    with pytest.raises(Conflict, match="in the trash"):
        copy_run(run)


def after_the_first_piece(monkeypatch, happens):
    """Let something happen between the first piece of a copy and the next."""
    copy_some, pieces = points.copy_some, []

    def copy_and_tell(*args):
        copied = copy_some(*args)
        pieces.append(copied)
        if len(pieces) == 1:
            happens()
        return copied

    monkeypatch.setattr(points, "copy_some", copy_and_tell)


def test_what_is_logged_while_a_copy_is_made_is_in_it(rich_run, monkeypatch):
    def log_more():
        early, late = (-1, 0, 9.0), (10_000, 0, 9.0)
        store(rich_run, metrics={key: series(early, late) for key in ("long", "short", "by time", "new")})

    after_the_first_piece(monkeypatch, log_more)
    copy = copy_run(rich_run)
    assert rows_of(copy) == rows_of(rich_run)
    assert buckets_of(copy) == buckets_of(rich_run)
    assert summaries_of(copy) == summaries_of(rich_run)
    assert {"-1", "10000"} <= {str(row[1]) for row in rows_of(copy)}
    check_no_stray_points()


def test_points_that_somebody_cleared_away_meanwhile_are_copied_again(rich_run, monkeypatch):
    def clear():
        known = Metric.objects.values("pk")
        assert MetricPoint.objects.exclude(series__in=known).delete()

    after_the_first_piece(monkeypatch, clear)
    assert rows_of(copy_run(rich_run)) == rows_of(rich_run)


def test_a_run_that_is_deleted_for_good_meanwhile_leaves_no_copy(rich_run, monkeypatch):
    def purge():
        Run.objects.filter(pk=rich_run.pk).update(lifecycle_stage="purging")

    after_the_first_piece(monkeypatch, purge)
    with pytest.raises(NotFound):
        copy_run(rich_run)
    assert Run.objects.count() == 1
    check_no_stray_points()


def test_a_copy_is_drawn_like_its_origin(rich_run):
    copy = copy_run(rich_run)
    one, other = (read_series(list(run.metrics.order_by("key")), 100) for run in (rich_run, copy))
    assert [(item.steps, item.values) for item in one[:2]] == [(item.steps, item.values) for item in other[:2]]
