"""Files of a run as folders and files."""

import pytest

from runs.artifacts.tree import FileTree
from runs.models import Artifact, Blob
from tests.factories import make_artifact, make_run

pytestmark = pytest.mark.django_db


def tree_of(*paths):
    """A tree of a run with files of 10 bytes, stored at once."""
    run = make_run()
    blob = Blob.objects.create(sha256="0" * 64, size=10, creation_time=0)
    Artifact.objects.bulk_create(
        Artifact(run=run, path=path, blob=blob, media_type="text/plain", creation_time=0) for path in paths
    )
    return FileTree(run)


def names(row):
    return [below.entry.name for below in row.rows]


def test_folders_come_before_files_and_numbers_count():
    tree = tree_of("b.txt", "step-10.png", "step-2.png", "plots/a.png", "A.txt")
    assert names(tree.rows(tree.root)) == ["plots", "A.txt", "b.txt", "step-2.png", "step-10.png"]


def test_folders_know_the_number_and_size_of_all_below():
    tree = tree_of("a/b/1", "a/b/2", "a/3", "4")
    assert (tree.find("a").count, tree.find("a").size) == (3, 30)
    assert (tree.root.count, tree.root.size) == (4, 40)


def test_the_folders_of_the_chosen_file_are_open():
    tree = tree_of("a/b/1", "c/2")
    a, c = tree.rows(tree.find("a/b/1")).rows
    (b,) = a.rows
    assert (a.is_open, b.is_open, c.is_open) == (True, True, False)
    assert b.rows[0].is_chosen


def test_a_small_tree_is_filled_so_that_folders_open_without_a_request():
    tree = tree_of("a/b/1", "c/2")
    assert names(tree.rows(tree.find("a/b/1")).rows[1]) == ["2"]


def test_of_a_large_tree_only_open_folders_are_filled():
    tree = tree_of(*(f"f{number}/x" for number in range(400)))
    rows = tree.rows(tree.find("f7/x")).rows
    assert [row.entry.name for row in rows if row.rows] == ["f7"]


def test_a_folder_shows_the_hundred_entries_around_the_chosen_one():
    tree = tree_of(*(f"steps/{number}.png" for number in range(1000)))
    (steps,) = tree.rows(tree.find("steps/555.png")).rows
    assert names(steps)[0] == "500.png"
    assert (len(steps.rows), steps.before, steps.after, steps.page) == (100, 500, 400, 6)


def test_a_chosen_folder_shows_its_page():
    tree = tree_of(*(f"steps/{number}.png" for number in range(150)))
    (steps,) = tree.rows(tree.find("steps"), 2).rows
    assert (len(steps.rows), steps.before, steps.after) == (50, 100, 0)


def test_of_very_deep_folders_the_innermost_are_shown():
    path = "/".join("d" * 900) + "/x"
    tree = tree_of(path)
    row, depth = tree.rows(tree.find(path)), 0
    while row.rows:
        row, depth = row.rows[0], depth + 1
    assert row.is_chosen
    assert depth <= 14


@pytest.mark.parametrize(
    ("paths", "chosen"),
    [
        (["a.png", "z/README.md", "train.py"], "z/README.md"),
        (["train.py", "plots/b.png", "plots/a.png"], "plots/a.png"),
        (["z.py", "b.py", "a/c.py"], "b.py"),
        (["deep/notes.md", "README.md"], "README.md"),
    ],
)
def test_the_most_telling_file_is_an_explanation_a_picture_or_the_first(paths, chosen):
    assert tree_of(*paths).most_telling.path == chosen


def test_a_run_without_files_has_nothing_to_tell():
    assert tree_of().most_telling is None


def test_it_takes_one_query(django_assert_num_queries):
    run = make_run()
    for path in ("a/b/c/d.txt", "a/e.txt", "f.txt"):
        make_artifact(run, path)
    with django_assert_num_queries(1):
        tree = FileTree(run)
        tree.rows(tree.find("a/b/c/d.txt"))
