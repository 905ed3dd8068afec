"""Tier 2: a trained model of column types, asked with numpy alone."""
