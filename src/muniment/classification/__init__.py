"""Group 3: classifiers, labels with evidence, and the review queue."""
