"""The compare page: runs side by side, one by one or as groups of repetitions."""
