"""What the pages of models show: one module per page."""
