"""What is known of the code of runs, and how two differ."""

import pytest

from runs.models import Environment, SourceText
from runs.provenance.differences import Differences
from runs.provenance.reproduce import reproduce
from runs.provenance.shown import between, uncommitted
from runs.provenance.snapshot import Snapshot, snapshot_of
from tests.factories import make_run

PATCH = "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n"


def labels(changes):
    return [(change.label, change.before, change.after) for change in changes]


@pytest.mark.django_db
def test_a_snapshot_is_read_from_what_the_client_captured():
    content = {
        "command": ["python", "train.py", "--name", "a b"],
        "python": "3.12.7",
        "packages": {"torch": "2.9.1"},
        "hardware": {"host": "gpu-04", "cpus": 8, "memory_bytes": 2**34, "gpus": [{"name": "RTX 4090"}]},
        "git": {"branch": "main", "remote": "git@github.com:ada/digits.git", "diff": PATCH, "log": ["9f3c Faster"]},
    }
    found = snapshot_of(make_run(git_commit="9f3c", environment=Environment.of(content)))
    assert found.command_line == "python train.py --name 'a b'"
    assert found.facts == {
        "Python": "3.12.7", "Host": "gpu-04", "Cores": "8", "Memory": "16.0\xa0GB", "GPU 0": "RTX 4090",
    }  # fmt: skip
    assert (found.commit, found.branch, found.title) == ("9f3c", "main", "Faster")
    assert found.repository == "https://github.com/ada/digits"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content",
    [
        {},
        {"git": 7, "hardware": [], "packages": None, "command": "python"},
        {"git": {"log": {"a": 1}, "untracked": [None, {}], "diff": ["x"]}, "hardware": {"gpus": [1, None]}},
        {"hardware": {"memory_bytes": 10**400, "gpus": [{"memory_bytes": -(10**400)}]}},
    ],
)
def test_any_shape_of_environment_is_read(content):
    assert snapshot_of(make_run(environment=Environment.of(content))).packages == {}


@pytest.mark.django_db
def test_a_run_of_mlflow_tells_its_commit_and_branch():
    found = snapshot_of(make_run(git_commit="abc", tags={"mlflow.source.git.branch": "dev"}))
    assert (found.commit, found.branch) == ("abc", "dev")


@pytest.mark.parametrize("remote", ["", "/srv/git/a.git", "C:/a", "javascript:alert(1)", "https://host/a\nb", "host:x"])
def test_a_remote_that_is_no_page_has_no_link(remote):
    assert Snapshot(remote=remote).repository == ""


def test_packages_that_came_went_or_changed_are_told():
    one = Snapshot(packages={"a": "1", "b": "1", "c": "1"})
    other = Snapshot(packages={"a": "1", "b": "2", "d": "1"})
    assert labels(Differences(one, other).packages) == [("b", "1", "2"), ("c", "1", ""), ("d", "", "1")]


def test_commits_between_two_runs_are_those_of_the_newer_ones_log():
    log = snapshot_log("c3", "c2", "c1")
    older, newer = Snapshot(commit="c1", log=log[2:]), Snapshot(commit="c3", log=log)
    assert [commit.sha for commit in Differences(older, newer).commits_between] == ["c3", "c2"]
    backwards = Differences(newer, older)
    assert [commit.sha for commit in backwards.commits_between] == ["c3", "c2"]
    assert backwards.is_backwards
    assert Differences(Snapshot(commit="x"), newer).commits_between is None


def snapshot_log(*shas):
    from runs.provenance.snapshot import Commit

    return tuple(Commit(sha, f"about {sha}") for sha in shas)


def test_the_forge_shows_what_lies_between_two_commits():
    sides = [Snapshot(commit=commit, remote="https://github.com/ada/digits") for commit in ("a1", "b2")]
    assert Differences(*sides).address == "https://github.com/ada/digits/compare/a1...b2"


def test_an_uncommitted_diff_is_shown_and_what_is_none_as_it_is():
    shown = uncommitted(Snapshot(patch=PATCH))
    assert (shown.files[0]["path"], shown.added, shown.removed) == ("a.py", 1, 1)
    assert uncommitted(Snapshot(patch="Gibberish\n@@ x")).raw == "Gibberish\n@@ x"


def test_the_source_of_two_runs_of_one_commit_is_compared_and_of_two_commits_not():
    clean, changed = Snapshot(commit="c"), Snapshot(commit="c", patch=PATCH)
    assert between(clean, changed).added == 1
    assert between(changed, changed).files == ()
    assert between(clean, Snapshot(commit="d")) is None
    assert between(Snapshot(), Snapshot()) is None


def test_the_lines_that_run_it_again_are_quoted():
    snapshot = Snapshot(
        commit="9f3c",
        remote="git@host.org:ada/it's.git",
        patch=PATCH,
        command=("python", "a b.py"),
        packages={"a": "1"},
    )
    assert reproduce(snapshot, "http://h/runs/x/code/patch.diff").splitlines() == [
        "git clone -- 'git@host.org:ada/it'\"'\"'s.git' && cd -- 'it'\"'\"'s'",
        "git checkout 9f3c",
        "curl -s http://h/runs/x/code/patch.diff | git apply",
        "curl -s http://h/runs/x/code/requirements.txt > requirements.txt && pip install -r requirements.txt",
        "python 'a b.py'",
    ]


@pytest.mark.django_db
def test_source_is_kept_once_and_given_back_whole():
    content = {"python": "3.12", "source": {"a.py": "x = 1\n", "b.py": "x = 1\n"}}
    first, other = Environment.of(content), Environment.of(content | {"python": "3.13"})
    assert first != other
    assert SourceText.objects.count() == 1
    assert first.whole_content == content
    assert "source" not in first.content
    assert Environment.of(content) == first


@pytest.mark.django_db
@pytest.mark.parametrize(
    "source", [None, 7, [], {"a.py": 7}, {}, {"": "x"}, {"a\nb": "x"}, {"../a": "x"}, {"/a": "x"}, {"a//b": "x"}]
)
def test_source_of_another_shape_stays_what_it_is(source):
    content = {"source": source}
    assert Environment.of(content).whole_content == content


def test_the_source_that_was_captured_is_compared_whatever_the_commits():
    one = Snapshot(commit="a", source={"a.py": "x = 1\ny = 2\n", "same.py": "z"})
    other = Snapshot(commit="b", source={"a.py": "x = 3\ny = 2\n", "same.py": "z", "new.py": "n\n"})
    found = between(one, other)
    assert [(file["path"], file["kind"], file["added"], file["removed"]) for file in found.files] == [
        ("a.py", "changed", 1, 1),
        ("new.py", "added", 1, 0),
    ]
    (hunk,) = found.files[0]["hunks"]
    assert [(line["sign"], line["old"], line["new"]) for line in hunk["lines"]] == [
        ("-", 1, None), ("+", None, 1), (" ", 2, 2),
    ]  # fmt: skip
    assert between(one, one).files == ()


@pytest.mark.django_db
def test_a_password_in_a_remote_is_not_shown():
    content = {"git": {"remote": "https://ada:secret@github.com/a/b.git"}}
    assert snapshot_of(make_run(environment=Environment.of(content))).remote == "https://github.com/a/b.git"


def test_a_commit_stays_one_part_of_a_link():
    snapshot = Snapshot(commit="../../x?y", remote="https://github.com/ada/digits")
    assert snapshot.commit_address == "https://github.com/ada/digits/commit/..%2F..%2Fx%3Fy"


def test_what_could_be_an_option_is_none_in_the_lines_that_run_it_again():
    snapshot = Snapshot(commit="--orphan=x", remote="--upload-pack=touch x", command=("python", "a.py"))
    assert reproduce(snapshot, "http://h/patch.diff").splitlines() == [
        "git clone -- '--upload-pack=touch x' && cd -- '--upload-pack=touch x'",
        "python a.py",
    ]
