"""Reads folders of TensorBoard's event files. The `tensorboard` package is optional (requirements-tensorboard.txt)."""

from importing.tensorboard.source import TensorboardSource, looks_like_tensorboard

__all__ = ["TensorboardSource", "looks_like_tensorboard"]
