"""OpenLineage: events of producers become runs, jobs, datasets and edges."""
