"""What the names of files say of keys and steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.media import by_key, key_and_step, reels_of
from tests.factories import make_artifact, make_run


@pytest.mark.parametrize(
    ("path", "key", "step"),
    [
        ("images/val#mask%step%12%timestamp%1795521600000%0c1b.png", "val/mask", 12),
        ("images/val~mask+step+12+timestamp+1795521600000+0c1b.png", "val/mask", 12),
        ("images/a%step%-3%timestamp%1%x.png", "a", -3),
        ("samples/epoch_010.png", "samples/epoch", 10),
        ("step-500/mask.png", "step/mask", 500),
        ("samples/Epoch=3.wav", "samples/Epoch", 3),
        ("roc_12.png", "roc", 12),
        ("confusion_matrix.png", "confusion_matrix", None),
        ("resnet18.png", "resnet18", None),
        ("stepping/7up.png", "stepping/7up", None),
        (".png", ".png", None),
    ],
)
def test_a_path_says_key_and_step(path, key, step):
    assert key_and_step(path) == (key, step)


def test_frames_of_a_key_stand_in_the_order_of_their_steps():
    (reel,) = by_key("r", ["s_10.png", "s_2.png", "s_100.png"])
    assert reel.steps == [2, 10, 100]


@pytest.mark.parametrize(("step", "found"), [(None, 100), (-5, 2), (2, 2), (6, 2), (7, 10), (90, 100), (9000, 100)])
def test_the_nearest_step_is_shown_and_of_two_as_near_the_earlier(step, found):
    (reel,) = by_key("r", ["s_2.png", "s_10.png", "s_100.png"])
    assert reel.at(step).step == found


def test_pictures_and_tables_of_one_key_are_apart():
    assert [(reel.key, reel.kind) for reel in by_key("r", ["a.csv", "a.png", "a.wav", "a.mp4", "a.bin"])] == [
        ("a", "film"), ("a", "picture"), ("a", "sound"), ("a", "table"),
    ]  # fmt: skip


def test_thumbnails_of_mlflow_are_left_out():
    base = "images/a%step%1%timestamp%2%u"
    assert len(by_key("r", [f"{base}.png", f"{base}%compressed.webp"])[0].frames) == 1


@given(st.text(max_size=60))
def test_any_path_says_something(path):
    key, step = key_and_step(path)
    assert isinstance(key, str)
    assert step is None or isinstance(step, int)


@pytest.mark.django_db
@pytest.mark.parametrize("tag", ["", "no json", "[" * 9000, '{"path": "t.json"}', '[1, {"path": 7, "type": "table"}]'])
def test_what_mlflow_lists_as_tables_may_be_anything(tag):
    run = make_run(tags={"mlflow.loggedArtifacts": tag})
    make_artifact(run, "t.json", "{}")
    assert reels_of(run) == []


@pytest.mark.django_db
def test_tables_that_mlflow_logged_are_media():
    run = make_run(tags={"mlflow.loggedArtifacts": '[{"path": "t.json", "type": "table"}]'})
    make_artifact(run, "t.json", '{"columns": ["a"], "data": [[1]]}')
    make_artifact(run, "other.json", "{}")
    assert [(reel.key, reel.kind) for reel in reels_of(run)] == [("t", "table")]
