"""A model of code whose answer says what it is asked to: not one prediction a row."""

import numpy as np

from tracker.models import set_model

SHAPES = {
    "dictionary": lambda n: {"a": np.arange(n), "b": np.ones((n, 2))},
    "one": lambda n: "all of them",
    "fewer": lambda n: [1.5],
    "matrix": lambda n: np.arange(2 * n).reshape(n, 2),
    "records": lambda n: [{"a": 1, "b": [1, 2]}] * n,
    "complex": lambda n: [1j] * n,
    "odd": lambda n: [b"\x00\xff", np.float32(0.1), None] + [float("nan")] * (n - 3),
}


def shaped(model_input, params=None):
    """Of the shape that params say."""
    return SHAPES[params["shape"]](len(model_input))


set_model(shaped)
