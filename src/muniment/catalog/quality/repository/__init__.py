"""All of the SQL of quality and profiles."""
