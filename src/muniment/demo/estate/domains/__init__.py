"""The tables of the database, one module for each part of the company."""
