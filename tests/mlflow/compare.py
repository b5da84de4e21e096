"""Makes tests that ask a real MLflow server and ours the same, and compare all that they answer."""

import functools
import inspect
import json
from collections.abc import Callable
from difflib import unified_diff
from typing import Any

from tests.mlflow.speaker import Speaker

#: The deliberate differences, by the names that docs/mlflow.md explains them under.
DIFFERENCES: set[str] = set()


def alike(function: Callable[..., Any]) -> Callable[..., None]:
    """A test that both servers answer alike. The function gets a Speaker, and what the test is parametrized with."""

    def compare(theirs: Speaker, ours: Speaker, **parameters: Any) -> None:
        for server in (theirs, ours):
            function(server, **parameters)
        if theirs.told != ours.told:
            raise AssertionError(_difference(theirs.told, ours.told))

    return _test_of(function, compare)


def differs(name: str, *, theirs: Any, ours: Any) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """A test of a deliberate difference: what the function returns for MLflow and for us."""
    DIFFERENCES.add(name)
    expected = (theirs, ours)
    assert theirs != ours

    def decorate(function: Callable[..., Any]) -> Callable[..., None]:
        def compare(theirs: Speaker, ours: Speaker, **parameters: Any) -> None:
            assert (function(theirs, **parameters), function(ours, **parameters)) == expected

        return _test_of(function, compare)

    return decorate


def _test_of(function: Callable[..., Any], compare: Callable[..., None]) -> Callable[..., None]:
    """A test function with the fixtures that `compare` needs and the parameters that `function` has."""

    @functools.wraps(function)
    def test(mlflow_server: str, tracker: str, **parameters: Any) -> None:
        module = function.__module__.rpartition(".")[2]
        # Without quotes: names stand between some in filters.
        values = (repr(value)[:60].replace("'", "’") for value in parameters.values())
        name = " ".join([module, function.__name__, *values])
        compare(Speaker(mlflow_server, name), Speaker(tracker, name), **parameters)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    fixtures = [inspect.Parameter(fixture, kind) for fixture in ("mlflow_server", "tracker")]
    own = list(inspect.signature(function).parameters.values())[1:]
    test.__signature__ = inspect.Signature([*fixtures, *own])  # type: ignore[attr-defined]
    return test


def _difference(theirs: list[Any], ours: list[Any]) -> str:
    lines = [[_shown(answer) for answer in told] for told in (theirs, ours)]
    texts = ["\n".join(answers).splitlines() for answers in lines]
    return "\n" + "\n".join(unified_diff(*texts, "MLflow", "ours", lineterm="", n=4))


def _shown(answer: Any) -> str:
    return json.dumps(answer, indent=1, default=repr, ensure_ascii=False)
