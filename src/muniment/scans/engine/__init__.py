"""What a pool child does with a source; imported in children only, because it needs Arrow."""
