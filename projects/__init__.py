"""Projects: whose code the runs were of, and runs that are started from a page."""
