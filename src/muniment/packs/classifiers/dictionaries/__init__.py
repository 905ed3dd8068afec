"""Word lists for the classifiers, one folded word a line."""
