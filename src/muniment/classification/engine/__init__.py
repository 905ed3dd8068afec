"""Classifying columns from distinct values, headers and context; pure, loaded in workers only."""
