"""The tagger of free text: entities with their offsets, found by forms, words and a small model."""
