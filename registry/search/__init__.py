"""Searches models, registered models and versions, each in MLflow's words for it."""
