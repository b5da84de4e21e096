"""What a page shows of a file: one module a kind, chosen by the table in kinds.py. None reads more than it shows."""
