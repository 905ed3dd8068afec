"""Classifiers that were mined from unlabelled columns and wait for a person's decision."""
