"""A comparison as one file that opens without a server."""
