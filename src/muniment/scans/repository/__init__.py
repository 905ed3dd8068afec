"""All SQL of the scans, without decisions."""
