"""What a project says about itself: its MLproject file, or the files that lie in its folder."""

from tracker.projects.definition.entry_points import EntryPoint, Line, Parameter
from tracker.projects.definition.environments import Docker, Environment
from tracker.projects.definition.project import Project, load

__all__ = ["Docker", "EntryPoint", "Environment", "Line", "Parameter", "Project", "load"]
