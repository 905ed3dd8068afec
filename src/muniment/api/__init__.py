"""The HTTP composition root."""
