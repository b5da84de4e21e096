"""Environments for models and projects: from requirements to a Python that has them, made once for each content.

python = environments.made(environments.of_model(folder), "uv", extra="serve")
"""

from tracker.environments.building import MANAGERS, made
from tracker.environments.recipe import Recipe, left_to_conda, of_file, of_model, pip_of_conda

__all__ = ["MANAGERS", "Recipe", "left_to_conda", "made", "of_file", "of_model", "pip_of_conda"]
