"""What code a run was, and what it ran in: commit, uncommitted diff, command, packages, machine."""
