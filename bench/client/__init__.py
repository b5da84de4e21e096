"""Measures what logging costs a training loop: our client beside those of others."""
