"""Reads folders that MLflow's file store wrote, from 0.4.1 on. A folder is data: nothing in it is followed or run."""

from importing.mlruns.source import MlrunsSource, looks_like_mlruns

__all__ = ["MlrunsSource", "looks_like_mlruns"]
