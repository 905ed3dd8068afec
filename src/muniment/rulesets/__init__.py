"""Group 4: versioned scan rule sets and their effective view."""
