"""Tier 3: an assistant that is asked about the columns which rules and model leave open."""
