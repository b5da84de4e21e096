import pytest

from runs.sections import by_prefix, of_charts, prefix_of, without_prefix


@pytest.mark.parametrize(
    ("key", "separators", "prefix"),
    [
        ("val/loss", "/", "val"),
        ("val/loss/epoch", "/", "val"),
        ("loss", "/", ""),
        ("/loss", "/", ""),
        ("val/", "/", ""),
        ("optimizer.lr", "/.", "optimizer"),
        ("a.b/c", "/.", "a"),
    ],
)
def test_a_prefix_stands_before_the_first_separator(key, separators, prefix):
    assert prefix_of(key, separators) == prefix


def test_a_key_is_shown_without_its_sections_name():
    assert without_prefix("val/loss") == "loss"
    assert without_prefix("loss") == "loss"


def test_sections_come_by_name_with_system_metrics_folded_at_the_end():
    sections = by_prefix(["val/a", "system/cpu", "lr", "train/a", "val/b"], str)
    assert [(section.name, section.items, section.is_folded) for section in sections] == [
        ("", ["lr"], False),
        ("train", ["train/a"], False),
        ("val", ["val/a", "val/b"], False),
        ("system", ["system/cpu"], True),
    ]


def test_a_heading_that_all_keys_share_is_left_out():
    assert [section.name for section in by_prefix(["val/a", "val/b"], str)] == [""]


def test_a_few_charts_stand_together_and_many_under_headings():
    few = ["val/a", "train/a", "system/cpu"]
    assert [(section.name, section.items) for section in of_charts(few, ["epoch"], str)] == [
        ("", ["val/a", "train/a"]),
        ("system", ["system/cpu"]),
        ("One value each", ["epoch"]),
    ]
    many = [f"{part}/{number}" for part in ("train", "val") for number in range(6)]
    assert [section.name for section in of_charts(many, [], str)] == ["train", "val"]
    assert of_charts([], [], str) == []
