"""Content that experts write: classifiers, frameworks, rule sets."""
