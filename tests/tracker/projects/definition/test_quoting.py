"""Whatever a value holds, the shell takes it as one word, or it is refused."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.errors import InvalidValue
from tracker.projects.definition.commands import filled

#: What would leave a file behind, if a shell read it as a command, among what ends or begins quotes.
PARTS = ["$(touch RAN)", "`touch RAN`", "; touch RAN;", "\ntouch RAN\n", "'", '"', "\\", "$", "{", "}", "#", " ", "\n",
         "EOF", "a", "&", "|", "<", ">", ")", "(", "]]", "!", "*", "~", "x[$(touch RAN)]", "é"]  # fmt: skip
hostile = st.lists(st.sampled_from(PARTS), max_size=6).map("".join)
anything = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
#: Commands that print the word of {a}.
AS_A_WORD = [
    "printf %s {a}", "(printf %s {a})", "true && printf %s {a} # it's",
    'printf %s "$(printf %s {a}; echo x)" | head -c -1',
    "echo 'it'\\''s' >/dev/null; printf %s {a}", "x=$((1 + 2)); printf %s {a}", "printf %s ${{NONE:-}}{a}",
    "cat <(printf %s {a})", "v={a}; printf %s \"$v\"", "echo $$'' >/dev/null; printf %s {a}", 'printf %s ""{a}""',
    "printf %s \\\n {a}", "cat <<< {a} | head -c -1", "bash -c \"printf %s {a}\"", "bash -c 'printf %s {a}'",
]  # fmt: skip
#: Commands in which values stand at odd places.
AT_ODD_PLACES = [
    "echo `echo {a}`", "cat <<EOF\n{a}\nEOF", "cat <<EOF\nx\nEOF\necho {a}", "true # {a}", "true #{a}", "echo $'x{a}'",
    "echo ${{x:-{a}}}", 'echo "${{x:-{a}}}"', "echo $(( {a} ))", "(( {a} ))", "echo \\{a}", 'echo "\\{a}"', "echo ${a}",
    "eval echo {a}", "let x={a}", "[[ {a} -gt 1 ]]", "case x in x) echo {a};; esac", "echo $$'a\\' {a} '{a}",
    'echo "$(case x in x) echo {a};; esac)"', "echo ${{x:-'}}'{a}}}", "echo 'x{a}y' \"{a}\"",
    "[[ 'x]]' == {a} ]] || echo {a}",
    "echo `echo '{a}` {a}", "true # `\necho {a}", "declare x={a}; echo \"{a}\"", "echo \"`echo {a}`\" '{a}'",
    "echo \"$(echo '{a}' \"{a}\")\" # x", "echo {a}{a} <{a}", "echo \"${{#x}}\" {a}", "$x\"{a}\"$'{a}' {a}",
    'bash -c "echo \\"{a}\\""', "bash -c 'echo \"{a}\"'", "bash -c 'echo '\"'\"'{a}'\"'\"''",
    "bash -c \"echo '{a}' {a}\"",
    "bash -c \"echo \\$'{a}'\"", "bash -c 'true # {a}'", "bash -c \"cat <<EOF\n{a}\nEOF\"", "bash -c echo\\ \\'{a}\\'",
    "bash -c \"echo $(echo '{a}') {a} ' {a}\"", "bash -c \"eval echo {a}\"", "bash -c \"bash -c 'echo {a}'\"",
]  # fmt: skip


def printed(line: str, folder: Path) -> bytes:
    """What bash prints for a line, unless it ran something that a value holds."""
    done = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, timeout=20, stdin=subprocess.DEVNULL)
    assert not (folder / "RAN").exists(), line
    return done.stdout


def is_refused(command: str, value: str, extra: str = "") -> bool:
    try:
        filled(command, {"a": value, "nothing": ""}, {"x": extra} if extra else {}, "main")
    except InvalidValue:
        return True
    return False


@pytest.mark.parametrize("command", AS_A_WORD)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.one_of(hostile, anything))
def test_any_value_is_one_word(tmp_path, command, value):
    assert printed(filled(command, {"a": value}, {}, "main"), tmp_path) == value.encode()


@pytest.mark.parametrize("command", AT_ODD_PLACES)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=hostile, extra=st.one_of(st.just(""), hostile))
def test_at_odd_places_a_value_is_refused_or_runs_nothing(tmp_path, command, value, extra):
    if not is_refused(command, value, extra):
        printed(filled(command, {"a": value}, {"x": extra} if extra else {}, "main"), tmp_path)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), value=hostile)
def test_any_command_runs_nothing_that_a_value_holds(tmp_path, data, value):
    pieces = [
        "'",
        '"',
        "$(",
        ")",
        "`",
        "\\",
        "#",
        " ",
        "\n",
        "<<EOF",
        "${{",
        "}}",
        "$'",
        "((",
        "))",
        "[[ ",
        " ]]",
        "echo ",
        "{a}",
        "{nothing}",
        "$",
        ";",
    ]
    command = "".join(data.draw(st.lists(st.sampled_from(pieces), max_size=12))) + "{a}"
    if not is_refused(command, value):
        printed(filled(command, {"a": value, "nothing": ""}, {}, "main"), tmp_path)


@pytest.mark.parametrize("command", AT_ODD_PLACES)
def test_plain_values_are_taken_everywhere(command):
    assert not is_refused(command, "path/to/data-1.csv", "0.5")


#: Commands in which an empty value stands at odd places, and another value behind it.
BEHIND_NOTHING = [
    "echo '{nothing}' {a}", "echo '{nothing}x' {a}", "echo 'x'{nothing} {a}", "[[ -n {nothing} ]] || echo {a}",
    "echo \\'{nothing}\\' {a}", "echo `echo {nothing}` {a}",
    "echo ${{NONE:-{nothing}}} {a}", "true # {nothing}\necho {a}",
    'echo "${{NONE:-{nothing}}}" {a}', 'echo "`echo {nothing}`" {a}', "(( 1{nothing} )); echo {a}",
]  # fmt: skip


@pytest.mark.parametrize("command", BEHIND_NOTHING)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=hostile)
def test_nothing_is_taken_where_quotes_end_nothing(tmp_path, command, value):
    printed(filled(command, {"a": value, "nothing": ""}, {}, "main"), tmp_path)


@pytest.mark.parametrize("command", ["echo $'{a}'", "echo \\{a}", "eval echo {a}", "cat <<EOF\n{a}\nEOF"])
def test_nothing_is_refused_where_quotes_would_end_something(command):
    assert is_refused(command, "")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=hostile.filter(bool), value=hostile)
def test_extra_values_are_two_words(tmp_path, key, value):
    line = filled("printf '%s\\0'", {}, {key: value}, "main")
    assert printed(line, tmp_path) == f"--{key}\0{value}\0".encode()
