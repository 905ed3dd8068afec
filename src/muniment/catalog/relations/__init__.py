"""How the tables of the estate relate to each other by their values and names."""
