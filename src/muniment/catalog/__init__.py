"""Group 5: assets, lineage, quality, search."""
