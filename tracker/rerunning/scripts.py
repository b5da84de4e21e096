"""Runs a script again that our client logged: its source, its environment, its command, as one new run."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tracker.delivery.server import Server
from tracker.errors import TrackerError
from tracker.notices import say, warn
from tracker.rerunning import commanding, layout, processes, restoring, surroundings
from tracker.rerunning.commanding import Command
from tracker.rerunning.folders import Done, new_folder
from tracker.rerunning.layout import Layout
from tracker.rerunning.options import Options
from tracker.rerunning.recorded import Recorded
from tracker.rerunning.surroundings import LOCAL, Surroundings
from tracker.rerunning.telling import NOT_STARTED, finish, note_of, shown, start

#: What nothing can bring back, said with every rerun.
NEVER = (
    "Files that git ignores, data elsewhere and variables of the environment are not captured: they are as they are."
)


@dataclass(frozen=True)
class Ready:
    """A rerun before it starts: where it lies, what to install, and what is not as it was, a sentence each."""

    layout: Layout
    surroundings: Surroundings
    missing: tuple[str, ...]


def rerun(server: Server, recorded: Recorded, options: Options) -> Done | None:
    """Run it again; None where only what would be done was asked for.

    Errors: TrackerError, InvalidValue: those of restoring, commanding and surroundings.
    """
    options = replace(options, manager=options.manager or surroundings.usual_manager())
    with new_folder(options.keep) as root:
        ready = _ready(recorded, root, options)
        if options.dry_run:
            _show(recorded, ready, options)
            return None
        python = surroundings.made(ready.surroundings, options.manager)
        missing = (*ready.missing, *_said(surroundings.unlike(recorded, python, options.manager)))
        command = commanding.command_of(recorded, ready.layout, python, options.changes)
        return _run(server, recorded, options, ready, Plan(python, command, missing))


@dataclass(frozen=True)
class Plan:
    """What is started, by which Python, and what is not as it was."""

    python: Path
    command: Command
    missing: tuple[str, ...]


def _ready(recorded: Recorded, root: Path, options: Options) -> Ready:
    """Bring the source back, and say what is missing."""
    places = layout.layout_of(recorded, root / "code")
    _was_made(places.code.parent, root)
    missing = restoring.restore(recorded, places.code, options.links)
    if _was_made(places.work, root):
        missing.append(f"The folder it was started in, {recorded.folder}, is empty.")
    if places.was_elsewhere:
        missing.append(f"It was started in {recorded.folder}, outside of its code: now in the folder of its code.")
    if not recorded.folder:
        missing.append("The folder it was started in was not captured: it is started at the top of its code.")
    if recorded.parent:
        missing.append(f"It was a child of run {recorded.parent}: the whole command runs again, as one run.")
    empty = root / "empty"
    empty.mkdir()
    found = surroundings.surroundings_of(recorded, places, empty, options.without)
    if options.manager != LOCAL:
        missing += found.missing
    return Ready(places, found, tuple(_said(missing)))


def _was_made(folder: Path, root: Path) -> bool:
    """Make a folder below a new one, if it is not there already: whether it was made.

    Errors: TrackerError where it can't be, or would lie elsewhere: a link of the commit may lead anywhere.
    """
    try:
        if not folder.resolve().is_relative_to(root):
            raise TrackerError(f"The folder that it was started in leads out of the new one, to {folder.resolve()}.")
        if folder.is_dir():
            return False
        folder.mkdir(parents=True)
        return True
    except (OSError, ValueError) as error:
        raise TrackerError(f"The folders of the run can't be made here: {str(error)[:300]}.") from None


def _said(missing: list[str] | Iterator[str]) -> list[str]:
    told = list(missing)
    for line in told:
        warn(f"not as it was: {line}")
    return told


def _show(recorded: Recorded, ready: Ready, options: Options) -> None:
    """What would be done."""
    say(NEVER)
    if options.manager != LOCAL:
        lines = ready.surroundings.recipe.requirements
        say(f"an environment would be made by {options.manager} with {len(lines)} packages:")
        for line in lines:
            say(f"    {line}")
    command = commanding.command_of(recorded, ready.layout, Path("python"), options.changes)
    for line in (*command.notes, f"in {ready.layout.work}: {shown(command.words)}"):
        say(line)


def _run(server: Server, recorded: Recorded, options: Options, ready: Ready, plan: Plan) -> Done:
    for note in plan.command.notes:
        say(note)
    say(NEVER)
    run_id = uuid.uuid4().hex
    told = start(server, run_id, recorded, options, note_of(recorded, plan.command.notes, plan.missing))
    is_made = options.manager != LOCAL
    environment = processes.variables(told, plan.python, ready.surroundings.paths, is_made=is_made)
    say(f"starting {shown(plan.command.words)}")
    try:
        status = processes.run(plan.command.words, ready.layout.work, environment, to_stderr=options.to_stderr)
    except TrackerError as error:
        finish(server, run_id, NOT_STARTED, str(error))
        raise
    finish(server, run_id, status)
    return Done(run_id, status, plan.missing)
