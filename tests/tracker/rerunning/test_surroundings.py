"""The environment of a rerun."""

from pathlib import Path

import pytest

from tracker.errors import InvalidValue
from tracker.rerunning.layout import layout_of
from tracker.rerunning.recorded import Recorded
from tracker.rerunning.surroundings import made, surroundings_of, unlike


def found(packages, origins=None, without=(), top=Path("/top"), **fields):
    told = Recorded(
        "r1", "otter", "Default", folder="/repo", source_folder="/repo", packages=packages, origins=origins or {},
        **fields,
    )  # fmt: skip
    return surroundings_of(told, layout_of(told, top), Path("/empty"), without)


def test_packages_are_asked_for_in_their_versions_but_for_what_makes_the_environment():
    told = found({"numpy": "2.1.0", "pip": "25", "setuptools": "80", "trackerweb": "1.0"}, python="3.11.7")
    assert told.recipe.requirements == ("numpy==2.1.0",)
    assert told.recipe.python == "3.11.7"
    assert told.missing == ()


def test_a_python_before_its_release_is_the_release():
    assert found({}, python="3.14.0rc2").recipe.python == "3.14.0"


def test_a_build_that_no_index_has_is_replaced_and_that_is_said():
    told = found({"torch": "2.4.0+cu121"})
    assert told.recipe.requirements == ("torch==2.4.0",)
    assert told.missing == ("The package torch 2.4.0+cu121 is no build of the index: 2.4.0 is installed.",)


@pytest.mark.parametrize("name", ["--index-url", "-r", "a b", "numpy @ https://x.org/a.whl #", "x.whl", "a\n--pre"])
def test_what_is_no_name_of_a_package_is_not_passed_on(name):
    told = found({name: "1.0"})
    assert told.recipe.requirements == ()
    assert len(told.missing) == 1


def test_a_package_of_a_repository_comes_from_there_at_its_commit():
    origin = {"url": "https://host/a.git", "vcs": "git", "commit": "abc"}
    assert found({"a": "1"}, {"a": origin}).recipe.requirements == ("a @ git+https://host/a.git@abc",)


@pytest.mark.parametrize("url", ["file:///home/me/a", "ext::sh -c id", "https://x.org/a\n--pre", ""])
def test_a_package_of_elsewhere_is_left_out_and_that_is_said(url):
    told = found({"a": "1"}, {"a": {"url": url}})
    assert told.recipe.requirements == ()
    assert "The package a 1 came from" in told.missing[0]


@pytest.mark.parametrize("name", ["--index-url=https://evil.example/", "-rx", "a#b", "a;b", ""])
def test_what_is_no_name_of_a_package_gets_no_address(name):
    told = found({name: "1"}, {name: {"url": "https://x.org/a"}})
    assert told.recipe.requirements == ()
    assert len(told.missing) == 1


@pytest.mark.parametrize("url", ["https://[::1", "file:///repo/../elsewhere"])
def test_an_address_that_is_none_or_leads_out_of_the_code_is_left_out(url):
    told = found({"a": "1"}, {"a": {"url": url, "editable": True}})
    assert (told.recipe.requirements, told.paths, len(told.missing)) == ((), (), 1)


def test_what_was_installed_in_place_from_the_checkout_is_imported_from_the_new_one(tmp_path):
    (tmp_path / "pack" / "src").mkdir(parents=True)
    told = found({"ours": "1"}, {"ours": {"url": "file:///repo/pack", "editable": True}}, top=tmp_path)
    assert told.paths == (tmp_path / "pack" / "src", tmp_path / "pack")
    assert told.recipe.requirements == ()


def test_packages_that_are_not_wanted_are_left_out_however_they_are_spelled():
    told = found({"My_Package": "1", "numpy": "2.1.0"}, without=("my-package",))
    assert told.recipe.requirements == ("numpy==2.1.0",)
    assert told.missing == ("Left out, as you said: my-package.",)


def test_an_unknown_manager_is_refused():
    with pytest.raises(InvalidValue, match="'poetry' is not one of virtualenv, uv, local"):
        made(found({}), "poetry")


def test_with_this_python_what_is_not_as_it_was_is_said():
    told = Recorded("r1", "o", "D", packages={"numpy": "0.0.1"}, python="3.9.1", system="OS/2")
    lines = list(unlike(told, made(found({}), "local"), "local"))
    assert [line.split()[0] for line in lines] == ["Python", "The", "Packages"]
    assert "numpy 0.0.1 (here " in lines[2]
