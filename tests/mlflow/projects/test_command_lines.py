"""The two commands themselves: the same words, the same exit status, the same arguments of the script."""

import pytest

from tests.mlflow.projects.cases import CASES

#: What MLflow notices while it runs, and our commands as a wrong use of theirs.
WRONG_USE = {1: 2}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("short", ["-P", "a=it's", "-P", "b=x=y z", "-P", "more=$(touch RAN)"]),
        ("exit 3", ["-P", "a=2"]),
        ("missing", []),
        ("a script", ["-e", "say.py", "-P", "n=1"]),
        ("long", ["-P", "a"]),
    ],
)
@pytest.mark.long
def test_both_commands_do_the_same(workplace, tmp_path, name, words):
    ended = {}
    for who in ("mlflow", "tracker"):
        folder = tmp_path / who
        CASES[name].write(folder)
        done = workplace.run(who, "-m", who, "run", str(folder), "--env-manager", "local", *words)
        told = folder / "said"
        ended[who] = done.returncode, told.read_text() if told.exists() else None
        assert not list(folder.rglob("RAN"))
    status, said = ended["mlflow"]
    assert ended["tracker"] == (WRONG_USE.get(status, status) if name == "missing" else status, said)
