"""What the table of runs shows: of an experiment, or of all of them."""
