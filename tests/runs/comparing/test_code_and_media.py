"""The Code, Media and Notes tabs of a comparison, without a browser."""

import pytest
from django.test import Client

from runs.models import Environment
from tests.factories import make_artifact, make_run

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n"
PATCH = "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = {}\n"


def run_of(**content):
    return make_run(environment=Environment.of(content))


def page_of(runs, tab, **options):
    parts = [f"run={run.run_id}" for run in runs] + [f"{name}={value}" for name, value in options.items()]
    response = Client().get(f"/compare/?tab={tab}&{'&'.join(parts)}")
    assert response.status_code == 200
    return response.content.decode()


def test_of_one_commit_the_source_is_compared_line_by_line():
    runs = [run_of(git={"commit": "c", "diff": PATCH.format(n)}, command=["python", str(n)]) for n in (2, 3)]
    page = page_of(runs, "code")
    assert "1 file" in page
    assert '<tr class="removed">' in page
    assert "<del>python 2</del>" in page


def test_of_two_commits_those_between_are_listed():
    log = ["b2 Second", "a1 First"]
    runs = [run_of(git={"commit": "a1"}), run_of(git={"commit": "b2", "log": log})]
    page = page_of(runs, "code")
    assert "Second" in page
    assert "First" not in page
    assert "git diff a1 b2" in page


def test_of_two_commits_the_captured_source_is_compared_line_by_line():
    runs = [run_of(git={"commit": commit}, source={"a.py": f"x = '{commit}'\n"}) for commit in ("a1", "b2")]
    page = page_of(runs, "code")
    assert '<tr class="removed">' in page
    assert "git diff" not in page


def test_any_two_can_be_chosen():
    runs = [run_of(packages={"torch": version}) for version in ("1", "2", "3")]
    page = page_of(runs, "code", one=runs[1].run_id, other=runs[2].run_id)
    assert "<del>2</del>" in page
    assert "<ins>3</ins>" in page
    assert "<del>1</del>" in page_of(runs, "code", one="gone", other="gone")


def test_the_same_code_and_no_code_are_told_apart():
    same = run_of(git={"commit": "c"})
    again = make_run(environment=same.environment)
    assert "The same code" in page_of([same, again], "code")
    assert "was not captured" in page_of([make_run(), make_run()], "code")


def test_media_stand_side_by_side_at_the_nearest_step():
    runs = [make_run(), make_run(), make_run()]
    for run, steps in zip(runs, [(1, 5), (2, 4), ()], strict=True):
        for step in steps:
            make_artifact(run, f"mask_{step}.png", PNG)
    page = page_of(runs, "media", at=3)
    assert f'src="/preview/{runs[0].run_id}/mask_1.png"' in page
    assert f'src="/preview/{runs[1].run_id}/mask_2.png"' in page
    assert "has none" in page
    assert Client().get(f"/compare/?tab=media&run={runs[0].run_id}&at=x").status_code == 400


def test_runs_without_media_say_how_to_log_some():
    assert "tracker.log_image" in page_of([make_run(), make_run()], "media")


def test_notes_stand_beside_each_other():
    page = page_of([make_run(note="Try **this**."), make_run(note="<script>alert(1)</script>")], "notes")
    assert "<strong>this</strong>" in page
    assert "<script>alert" not in page
    assert "No notes yet" in page_of([make_run(), make_run()], "notes")


@pytest.mark.parametrize("tab", ["code", "media", "notes"])
def test_what_runs_hold_is_escaped(tab):
    evil = "<script>alert(1)</script>"
    content = {"command": [evil], "packages": {evil: evil}, "git": {"commit": evil, "log": [evil], "remote": evil}}
    runs = [run_of(**content, python=str(number)) for number in range(2)]
    make_artifact(runs[0], "a<script>alert(1)<.png", PNG)
    assert "<script>alert" not in page_of(runs, tab)
