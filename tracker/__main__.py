"""`python -m tracker` is the `tracker` command."""

from tracker.command import main

main()
