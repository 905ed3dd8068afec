"""What one can do with labels, decisions and classifiers."""
