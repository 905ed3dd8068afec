"""The kinds of quality checks: each looks at batches, or at what was learned of its column."""
