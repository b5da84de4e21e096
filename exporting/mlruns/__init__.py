"""Writes folders that MLflow's file store opens, and a tracker like this one imports whole."""
