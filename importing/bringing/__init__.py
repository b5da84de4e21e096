"""Stores what a source tells: each thing once, however often it is imported, and only what is new of it."""
