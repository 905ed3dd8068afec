"""Checks, results, scores, profiles and incidents of the catalogue."""
