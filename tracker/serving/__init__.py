"""The scoring server: one model over HTTP, as `mlflow models serve` answers. docs/serving.md tells it all.

A process of its own, never part of the tracking server. `tracker.serving.server.serve` starts it.
"""
