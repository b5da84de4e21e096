"""Sends folders of MLflow that lie here to a server, of each file only what is new."""
