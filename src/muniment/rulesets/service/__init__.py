"""What people and the other groups can do with scan rule sets."""
