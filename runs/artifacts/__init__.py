"""Files of runs: their paths, where their content lies, how it comes and goes, and what a page shows of it."""
