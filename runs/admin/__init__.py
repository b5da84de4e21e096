"""The clean-up desk of runs: lists of everything that is logged, and actions that call our verbs."""

from runs.admin import datasets, experiments, files, logged, runs, selections, silences

__all__ = ["datasets", "experiments", "files", "logged", "runs", "selections", "silences"]
