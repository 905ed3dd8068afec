"""What relates columns to each other: small samples of their values by hash, and of their rows."""
