"""Measures searches and the table of runs at a thousand, ten thousand and a hundred thousand runs, beside MLflow."""
