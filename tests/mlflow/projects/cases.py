"""Projects to be run by MLflow and by us, and what is to become of each."""

from dataclasses import dataclass, field
from pathlib import Path

#: What entry points run: they leave their arguments behind.
SCRIPTS = {
    "say.py": 'import sys\nopen("said", "wb").write("\\0".join(sys.argv[1:]).encode(errors="surrogateescape"))\n',
    "say.sh": "printf '%s\\0' \"$@\" > said\n",
    "my say.py": 'import sys\nopen("said", "w").write("mine")\n',
}


@dataclass(frozen=True)
class Case:
    """A project and one run of it. `file` is its MLproject, None for none."""

    file: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    entry_point: str = "main"
    file_name: str = "MLproject"
    files: tuple[str, ...] = ()

    def write(self, folder: Path) -> None:
        """Make its folder."""
        folder.mkdir(parents=True)
        for name, content in SCRIPTS.items():
            (folder / name).write_text(content)
        for name in self.files:
            (folder / name).write_text("{}")
        if self.file is not None:
            (folder / self.file_name).write_text(self.file)


def entry(command: str, parameters: str = "", more: str = "") -> str:
    """An MLproject with one entry point."""
    listed = f"    parameters: {{{parameters}}}\n" if parameters else ""
    indented = command.replace("\n", "\n      ")
    return f"{more}\nentry_points:\n  main:\n{listed}    command: |-\n      {indented}\n"


def _default(default: str, kind: str = "string") -> Case:
    return Case(entry("python say.py {a}", f"a: {{type: {kind}, default: {default}}}"))


def _value(value: str, kind: str = "string", command: str = "python say.py {a} --b={a}") -> Case:
    return Case(entry(command, f"a: {kind}"), {"a": value})


CASES = {
    # Files and entry points.
    "a script": Case(entry_point="say.py", parameters={"a": "1", "b": "x y"}),
    "a script with a space": Case(entry_point="my say.py"),
    "a script of the shell": Case(entry_point="say.sh", parameters={"a": "it's"}),
    "a script beside a file": Case("name: digits", {"a": "1"}, "say.py"),
    "lower case": Case(entry("python say.py lower"), file_name="mlproject"),
    "upper case": Case(entry("python say.py upper"), file_name="MLPROJECT"),
    "mixed case": Case(entry("python say.py mixed"), file_name="mLProject"),
    "the second of several": Case(
        "entry_points:\n  main: {command: 'false'}\n  'my second': {command: python say.py second}", {}, "my second"
    ),
    "a number as a name of a project": Case(entry("python say.py", more="name: 5")),
    "a listed script": Case("entry_points:\n  say.py: {command: python say.py listed}", {}, "say.py"),
    "unknown fields": Case(entry("python say.py", more="version: 1\nauthors: [a, b]")),
    "aliases": Case("p: &p {a: {default: 1}}\nentry_points:\n  main: {parameters: *p, command: 'python say.py {a}'}"),
    "merged": Case("p: &p {a: {default: 1}}\n" + entry("python say.py {a}{b}", "<<: *p, b: {default: 2}")),
    "a name listed twice": Case(entry("python say.py {a}", "a: {default: 1}, a: {default: 2}")),
    # Environments that the machine's own Python replaces.
    "python_env.yaml lies there": Case(entry("python say.py"), files=("python_env.yaml",)),
    "conda.yaml lies there": Case(entry("python say.py"), files=("conda.yaml",)),
    "python_env named": Case(entry("python say.py", more="python_env: env.yaml"), files=("env.yaml",)),
    "conda_env named": Case(entry("python say.py", more="conda_env: env.yaml"), files=("env.yaml",)),
    "an environment that is null": Case(entry("python say.py", more="conda_env:")),
    # Parameters and their defaults.
    "short": Case(entry("python say.py {a} {b}", "a: float, b: string"), {"a": "0.5", "b": "x"}),
    "long": Case(entry("python say.py {a} -b {b}", "a: {type: float}, b: {type: float, default: 0.10}"), {"a": "1"}),
    "a default given otherwise": Case(entry("python say.py {a}", "a: {default: 1}"), {"a": "2"}),
    "default int": _default("010"),
    "default exponent": _default("1e-3", "float"),
    "default float": _default("1.0e-3", "float"),
    "default infinity": _default(".inf", "float"),
    "default bool": _default("yes"),
    "default false": _default("false"),
    "default date": _default("2026-11-29"),
    "default list": _default("[1, 'a b']"),
    "default mapping": _default("{b: 1}"),
    "default empty": _default("''"),
    "default text of digits": _default("'0.10'"),
    "default of no type": Case(entry("python say.py {a}", "a: {default: x y}")),
    "unknown type": _value("x", "integer"),
    "type null": Case(entry("python say.py {a}", "a: {type: null, default: 1}")),
    "a float that is none": _value("small", "float"),
    "an unused parameter": Case(entry("python say.py", "a: {default: 1}, b: float"), {"b": "2"}),
    "a name with a dash": Case(entry("python say.py {learning-rate}", "learning-rate: float"), {"learning-rate": "1"}),
    "a name with a space": Case(entry("python say.py {a b}", "a b: float"), {"a b": "1"}),
    "names out of order": Case(entry("python say.py {z} {a} {z}", "z: float, a: float"), {"a": "1", "z": "2"}),
    "extra": Case(entry("python say.py {a}", "a: float"), {"x": "1", "a": "2", "my-y": "3"}),
    "extra with spaces": Case(entry("python say.py"), {"x": "a b", "y": "$(touch RAN)"}),
    # Values and quotes.
    "a command to run": _value("$(touch RAN) `touch RAN`; touch RAN"),
    "quotes": _value("it's \"so\" '"),
    "lines": _value("a\nb\n"),
    "backslashes": _value("a\\b\\"),
    "signs of the shell": _value("*~!#{}[]<>|&"),
    "letters of everywhere": _value("żółć 数 🎉"),
    "a leading dash": _value("--help"),
    "nothing given": _value(""),
    "nothing in single quotes": _value("", command="python say.py '{a}'"),
    "nothing in a condition": _value("", command="[[ -z {a} ]] && python say.py {a} `echo {a}` # {a}"),
    "nothing between quotes that are text": _value("", command="python say.py steps=\\'{a}\\' $(echo {a})"),
    "several options in one": _value("a.b=1,2 -m", command="python say.py steps=\\'all\\' $(echo {a})"),
    "spaces in double quotes": _value("a b", command='python say.py "{a}"'),
    "within another shell": _value("a b", command='bash -c "python say.py {a}"'),
    "plain in single quotes": _value("a/b.csv", command="python say.py '{a}'"),
    "a conversion to text": _value("a b", command="python say.py {a!s}"),
    "braces": Case(entry("python say.py '{{\"a\": {a}}}' {{}}", "a: float"), {"a": "1"}),
    # Commands.
    "variables": Case(entry('X="a b" && python say.py "$X" "${{X#a}}" $((1 + 2))')),
    "several lines": Case(entry("set -e\nA=1\npython say.py $A {a}", "a: {default: 'x y'}")),
    "a pipe": Case(entry("echo '{a}' | xargs python say.py", "a: {default: 5}")),
    "an empty command": Case("entry_points:\n  main: {command: ''}"),
    # What ends badly.
    "exit 3": Case(entry("python say.py {a}; exit 3", "a: {default: 1}")),
    "no such command": Case(entry("no-such-command-anywhere")),
    "killed": Case(entry("python say.py; kill -9 $$")),
    "a syntax error": Case(entry("python say.py 'open")),
    "a false first, a true last": Case(entry("false; python say.py")),
    # Paths and addresses.
    "a relative path": _value("data.csv", "path"),
    "an absolute path": _value("{here}/data.csv", "path"),
    "a path with a space": _value("my data", "path"),
    "a quoted path": _value("my%20data", "path"),
    "a path as address": _value("file://{here}/my%20data", "path"),
    "a path up": _value("../here/./data.csv", "path"),
    "a default path": _default("data.csv", "path"),
    "a uri": _value("s3://bucket/a b", "uri"),
    "a short uri": _value("a:b", "uri"),
    # What is refused.
    "missing": Case(entry("python say.py {a}", "a: float, b: {default: null}")),
    "an unknown name": Case(entry("python say.py {b}", "a: {default: 1}")),
    "an extra in the command": Case(entry("python say.py {b}", "a: {default: 1}"), {"b": "2"}),
    "braces without a name": Case(entry("python say.py {}", "a: {default: 1}")),
    "a number in braces": Case(entry("python say.py {0}", "a: {default: 1}")),
    "an unknown attribute": Case(entry("python say.py {a.none}", "a: {default: 1}")),
    "an open brace": Case(entry("python say.py {a", "a: {default: 1}")),
    "a closing brace": Case(entry("python say.py }", "a: {default: 1}")),
    "a number's layout": Case(entry("python say.py {a:.3f}", "a: {default: 1}")),
    "a path that is not there": _value("none.csv", "path"),
    "a path of a scheme that nobody has": _value("foo:bar", "path"),
    "a uri that is none": _value("data.csv", "uri"),
    "an unknown entry point": Case(entry("python say.py"), {}, "none"),
    "no entry point main": Case(),
    "two environments": Case(entry("python say.py", more="python_env: a.yaml\nconda_env: a.yaml"), files=("a.yaml",)),
    "no such python_env": Case(entry("python say.py", more="python_env: none.yaml")),
    "no such conda_env": Case(entry("python say.py", more="conda_env: none.yaml")),
    "docker without an image": Case(entry("python say.py", more="docker_env: {volumes: []}")),
    "docker with a text of volumes": Case(entry("python say.py", more="docker_env: {image: a, volumes: b}")),
    "docker with a text of variables": Case(entry("python say.py", more="docker_env: {image: a, environment: b}")),
    "an empty file": Case(""),
    "a list": Case("[a]"),
    "no YAML": Case("a: ["),
    "a Python object": Case("name: !!python/name:os.system x"),
    "entry points null": Case("entry_points:"),
    "entry points as a list": Case("entry_points: [main]"),
    "an entry point null": Case("entry_points:\n  main:"),
    "an entry point as a text": Case("entry_points:\n  main: python say.py"),
    "no command": Case("entry_points:\n  main: {}"),
    "a number as command": Case("entry_points:\n  main: {command: 5}"),
    "parameters null": Case("entry_points:\n  main: {parameters: , command: python say.py}"),
    "a number as parameter": Case(entry("python say.py {a}", "a: 5"), {"a": "1"}),
    "a job for databricks": Case("databricks_spark_job: {python_file: say.py}"),
}  # fmt: skip

#: Where we differ on purpose: what becomes of it with MLflow, and with us.
DIFFERENT = {
    # Values would reach out of their quotes, or into Python.
    "an index": (Case(entry("python say.py {a[0]}", "a: {default: 1}")), "FINISHED", "refused"),
    "an attribute": (Case(entry("python say.py {a.__class__}", "a: {default: 1}")), "FAILED", "refused"),
    "a layout": (Case(entry("python say.py {a:>9}", "a: {default: 1}")), "FINISHED", "refused"),
    "a quoted quote": (Case(entry("python say.py {a!r}", "a: {default: 1}")), "FINISHED", "refused"),
    "quotes within another shell": (_value("a 'b c'", command='bash -c "python say.py {a}"'), "FAILED", "FINISHED"),
    "a comment": (_value("a\nfalse", command="python say.py # {a}"), "FAILED", "refused"),
    # What MLflow takes for a command of its own.
    "extra behind a line break": (
        Case("entry_points:\n  main:\n    command: |\n      python say.py\n", {"a": "1"}), "FAILED", "FINISHED"
    ),
    # Files outside of the project's folder.
    "a file above": (Case(entry("python say.py", more="conda_env: ../../here/data.csv")), "FINISHED", "refused"),
    "a script above": (Case(entry_point="../../here/say.py"), "FINISHED", "refused"),
    # A script that is not there: MLflow finds out by running it.
    "no such script": (Case(entry_point="none.py"), "FAILED", "refused"),
    # Other entry points than the one that is run.
    "another without a command": (Case("entry_points:\n  main: {command: 'true'}\n  b: {}"), "FINISHED", "refused"),
    "a path where nothing is but in the project": (
        Case(entry("python say.py {a}", "a: {type: path, default: say.sh}")), "refused", "FINISHED"
    ),
}  # fmt: skip
