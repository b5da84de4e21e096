"""Projects: anyone's training code, run with its environment and tracked. docs/projects.md tells it all.

submitted = tracker.projects.run("https://host/team/digits.git", parameters={"alpha": "0.1"})
"""

from tracker.projects.following import ProjectFailed, SubmittedRun
from tracker.projects.running import run

__all__ = ["ProjectFailed", "SubmittedRun", "run"]
