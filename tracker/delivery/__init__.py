"""Brings journals to the server: entries in numbered batches, files beside them, each once, however often it tries."""
