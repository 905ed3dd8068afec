"""What one can do with sources, a module per noun."""
