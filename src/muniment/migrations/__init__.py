"""The history of the metadata database, one linear chain."""
