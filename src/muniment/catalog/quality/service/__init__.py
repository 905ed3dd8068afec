"""What one can do with checks, profiles, scores and incidents."""
