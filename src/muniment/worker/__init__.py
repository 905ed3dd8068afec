"""The background composition root."""
