"""Values become the words of a command, and the params of a run."""

import pytest

from tracker.errors import InvalidProject, InvalidValue


def line(entry, tmp_path, **values):
    return entry.line(values, tmp_path)


@pytest.mark.parametrize(
    ("command", "values", "expected"),
    [
        ("train {a} -b {b}", {"a": "1"}, "train 1 -b 0.1"),
        ("train {a}{b} {a!s}", {"a": "x y", "b": ""}, "train 'x y''' 'x y'"),
        ("train {{a}} {{{a}}}", {"a": "1"}, "train {a} {1}"),
        ("train it\\'s", {"a": "1", "new": "x y"}, "train it\\'s --new 'x y'"),
        ("train", {"a": "1", "new": "x y", "o o": "2"}, "train --new 'x y' --'o o' 2"),
        ("train {a}\n", {"a": "1", "new": "2"}, "train 1 --new 2"),
        ("train {a}\n", {"a": "1"}, "train 1\n"),
        ("train {a}", {"a": "it's"}, "train 'it'\"'\"'s'"),
        ('sh -c "train {a}"', {"a": "x y"}, "sh -c \"train 'x y'\""),
        ('sh -c "train {a}"', {"a": "$x"}, "sh -c \"train '\\$x'\""),
        ("sh -c 'train {a}'", {"a": "x y"}, "sh -c 'train '\"'\"'x y'\"'\"''"),
    ],
)
def test_values_stand_where_their_names_stood(main, tmp_path, command, values, expected):
    made = line(main(command, "{a: float, b: {default: 0.1}}"), tmp_path, **values)
    assert made.command == expected


@pytest.mark.parametrize(
    ("default", "text"),
    [
        ("0.10", "0.1"),
        ("1e-3", "1e-3"),
        ("1.0e-3", "0.001"),
        ("yes", "True"),
        ("'0.10'", "0.10"),
        ("2026-11-29", "2026-11-29"),
        ("[1, a]", "'[1, '\"'\"'a'\"'\"']'"),
        ("''", "''"),
    ],
)
def test_defaults_are_what_yaml_makes_of_them(main, tmp_path, default, text):
    made = line(main("train {a}", f"{{a: {{default: {default}}}}}"), tmp_path)
    assert (made.command, made.params) == (f"train {text}", {"a": text})


def test_params_are_logged_as_words_of_the_shell(main, tmp_path):
    made = line(main("train {a}", "{a: string, b: {default: 2}}"), tmp_path, a="x y", new="$z")
    assert made.params == {"a": "'x y'", "b": "2", "new": "'$z'"}


def test_all_missing_parameters_are_named_at_once(main, tmp_path):
    entry = main("train {a}", "{a: float, b: {type: path, default: null}, c: {default: 1}}")
    with pytest.raises(InvalidValue, match="No value for 'a', 'b', which the entry point 'main' needs"):
        line(entry, tmp_path)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("train {b}", r"\{b\}, which is no parameter of it \(a\)"),
        ("train {new}", "no parameter"),
        ("train {}", "no parameter"),
        ("train {0}", "no parameter"),
        ("train {a.__class__}", "no parameter"),
        ("train {a[0]}", "no parameter"),
        ("train {a!r}", "with a layout or conversion"),
        ("train {a:>{b}}", "with a layout or conversion"),
        ("train {a:.1}", "with a layout or conversion"),
        ("train {a", "braces that do not match"),
        ("train }", "braces that do not match"),
    ],
)
def test_other_things_in_braces_are_refused(main, tmp_path, command, told):
    with pytest.raises(InvalidProject, match=told):
        line(main(command, "{a: float}"), tmp_path, a="1", new="2")


def test_a_float_that_is_no_number_is_passed_on_with_a_warning(main, tmp_path, capfd):
    entry = main("train {a} {b}", "{a: float, b: {type: float, default: small}}")
    assert line(entry, tmp_path, a="nan").command == "train nan small"
    assert capfd.readouterr().err == "tracker: b is a float, and 'small' is no number. It is passed on as it is.\n"


def test_a_value_that_no_parameter_is_named_after_is_told(main, tmp_path, capfd):
    assert line(main("train {alpha}", "{alpha: float}"), tmp_path, alpha="1", alhpa="2").command == "train 1 --alhpa 2"
    told = "tracker: 'alhpa' is no parameter of 'main', which has 'alpha': it is put behind the command"
    assert capfd.readouterr().err.startswith(told)
    line(main("train", "{}"), tmp_path, alhpa="2")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("value", ["s3://bucket/a", "x:y", "file:///a"])
def test_a_uri_is_passed_on_as_it_is(main, tmp_path, value):
    assert line(main("train {a}", "{a: uri}"), tmp_path, a=value).command == f"train {value}"


@pytest.mark.parametrize("value", ["data.csv", "/data", "", "http://[::1"])
def test_what_is_no_uri_is_refused(main, tmp_path, value):
    with pytest.raises(InvalidValue, match="no URI"):
        line(main("train {a}", "{a: uri}"), tmp_path, a=value)


@pytest.mark.parametrize(("value", "told"), [("x\0", "a NUL"), ("x\ud800", "half a character")])
def test_what_no_program_can_be_given_is_refused(main, tmp_path, value, told):
    with pytest.raises(InvalidValue, match=f"'a' holds {told}"):
        line(main("train {a}", "{a: string}"), tmp_path, a=value)


def test_bytes_that_are_no_text_are_passed_on(main, tmp_path):
    assert line(main("train {a}", "{a: string}"), tmp_path, a="\udcff").command == "train '\udcff'"


def test_a_command_that_is_too_long_for_the_system_is_refused(main, tmp_path):
    entry = main("train {a}", "{a: string}")
    assert len(line(entry, tmp_path, a="x" * 131_065).command) == 131_071
    with pytest.raises(InvalidValue, match="longer than 131,071 bytes"):
        line(entry, tmp_path, a="x" * 131_066)


def test_values_that_are_no_text_are_made_to_one(main, tmp_path):
    assert (
        main("train {a} {b}", "{a: float, b: string}").line({"a": 0.5, "b": True}, tmp_path).command == "train 0.5 True"
    )
