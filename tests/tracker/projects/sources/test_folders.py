"""Projects in folders of this machine, inside and outside of checkouts, and the URIs that lead nowhere."""

import pytest

from tracker.errors import InvalidValue
from tracker.projects import sources
from tracker.projects.sources import Source, addresses


def test_a_folder_outside_of_checkouts_is_itself(tmp_path):
    assert sources.fetched(str(tmp_path)) == Source(str(tmp_path), tmp_path)


def test_a_relative_folder_and_file_uri_are_the_same(tmp_path, monkeypatch):
    (tmp_path / "a b").mkdir()
    monkeypatch.chdir(tmp_path)
    here = Source(str(tmp_path / "a b"), tmp_path / "a b")
    assert sources.fetched("a b") == sources.fetched(f"file://{tmp_path}/a%20b") == sources.fetched("'a b'") == here


def test_a_folder_in_a_checkout_is_named_as_mlflow_names_it(repository):
    repository.git("remote", "add", "second", "https://me:secret@example.org/name.git")
    repository.git("remote", "add", "another", "https://example.org/other.git")
    source = sources.fetched(str(repository.folder / "project"))
    assert source.uri == f"file://{repository.folder}#project"
    assert (source.commit, source.remote) == (repository.first, "https://example.org/name.git")
    assert (source.is_copy, source.is_dirty, source.branch) == (False, False, "")
    assert sources.fetched(str(repository.folder)).uri == f"file://{repository.folder}"


def test_a_name_that_is_no_text_is_said(tmp_path):
    with pytest.raises(InvalidValue, match="bytes that are no UTF-8"):
        sources.fetched(f"{tmp_path}/\udcff")


def test_names_that_the_system_does_not_take_are_said(tmp_path, monkeypatch):
    with pytest.raises(InvalidValue, match="File name too long"):
        sources.fetched("a" * 5000)
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(InvalidValue, match="Give the project's whole path"):
        sources.fetched("project")


def test_uncommitted_changes_are_noticed(repository, monkeypatch):
    said = []
    monkeypatch.setattr(sources, "say", said.append)
    (repository.folder / "project/new.py").write_text("")
    assert sources.fetched(str(repository.folder / "project")).is_dirty
    assert "is not as its commit" in said[0]
    (repository.folder / "beside").mkdir()
    assert not sources.fetched(str(repository.folder / "beside")).is_dirty


def test_a_folder_that_git_ignores_has_no_commit(repository):
    repository.commit(**{".gitignore": "ignored\n"})
    (repository.folder / "ignored").mkdir()
    assert sources.fetched(str(repository.folder / "ignored")).commit == ""


def test_a_version_of_a_folder_is_a_copy_and_the_folder_stays(repository):
    repository.git("remote", "add", "origin", "git@example.org:name.git")
    repository.git("branch", "old")
    repository.commit(**{"project/train.py": "two"})
    (repository.folder / "project/train.py").write_text("being written")
    source = sources.fetched(str(repository.folder / "project"), "old")
    assert (source.folder / "train.py").read_text() == "one"
    assert (source.branch, source.commit, source.remote) == ("old", repository.first, "git@example.org:name.git")
    assert source.is_copy
    assert (repository.folder / "project/train.py").read_text() == "being written"


def test_a_folder_without_git_has_no_versions(tmp_path):
    with pytest.raises(InvalidValue, match="lies in no checkout of git"):
        sources.fetched(str(tmp_path), "main")


def test_a_folder_below_is_named_behind_a_hash(tmp_path):
    (tmp_path / "examples/v1.0").mkdir(parents=True)
    source = sources.fetched(f"{tmp_path}#examples/v1.0")
    assert (source.folder, source.uri) == (tmp_path / "examples/v1.0", f"{tmp_path}#examples/v1.0")


@pytest.mark.parametrize(
    "below", ["..", "../x", "a/../..", "/etc", "a//b", "a\\..\\b", "./x", ".git", "missing", "a/.git/x", "%2e%2e/x"]
)
def test_a_folder_below_can_not_leave(tmp_path, below):
    (tmp_path / "here").mkdir()
    with pytest.raises(InvalidValue, match=r"is no folder of|has no folder|leads out"):
        sources.fetched(f"{tmp_path}/here#{below}")


@pytest.mark.parametrize(
    "uri",
    [
        "", "-x", "--upload-pack=touch x", "ext::sh -c touch% x", "fd::17", "EXT::sh", "git+https://example.org/a.git",
        "git://example.org/a.git", "ftp://example.org/a.zip", "gopher://example.org/", "ssh://-oProxyCommand=x/a",
        "ssh://-l@example.org/a", "https:///a.git", "-oProxyCommand=x:a", "file://example.org/a", "file:///missing",
        "https://example.org/a\n.git", "https://example.org/a\0.git", "https://example.org:port/a.git", "./missing",
        "missing.zip", "ssh://%2doProxyCommand=x/a", "transport::https://example.org", "s3://bucket/a",
        "https://example.org", "https://me:#x@example.org/a.git", "https://me:1?x@example.org/a.git",
        "https://me:/x@example.org/a.git", "javascript://a",
    ],
)  # fmt: skip
def test_uris_that_git_must_not_see_are_refused(uri):
    with pytest.raises(InvalidValue):
        sources.fetched(uri)


@pytest.mark.parametrize(
    ("uri", "kind", "shown"),
    [
        ("https://me:pw@example.org/a.git#x", "git", "https://example.org/a.git#x"),
        ("https://me:p@w@example.org/a.git", "git", "https://example.org/a.git"),
        ("ssh://git:pw@example.org:22/a.git", "git", "ssh://git@example.org:22/a.git"),
        ("git@example.org:a/b.git", "git", "git@example.org:a/b.git"),
        ("example.org:b", "git", "example.org:b"),
        ("https://me@example.org/a.zip?signature=1#x", "zip", "https://example.org/a.zip#x"),
        ("https://example.org/a", "git", "https://example.org/a"),
    ],
)
def test_addresses_elsewhere_are_told_without_passwords(uri, kind, shown):
    address = addresses.read(uri)
    assert (address.kind, address.shown) == (kind, shown)
