"""Runs a run again: its source in a fresh folder, its environment, command and params. docs/reruns.md describes it.

done = rerunning.rerun(server, "3f2a91…", Options(manager="uv", changes={"lr": "0.2"}))
"""

from tracker.rerunning.again import Outcome, rerun
from tracker.rerunning.options import Options
from tracker.rerunning.verdict import TOLERANCE, Verdict

__all__ = ["TOLERANCE", "Options", "Outcome", "Verdict", "rerun"]
