"""All of the group's SQL, and nothing but SQL."""
