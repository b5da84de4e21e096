"""What params do to metrics, as plots: every one of them shows something sensible before anything is chosen."""
