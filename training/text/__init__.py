"""How the tagger of free text is trained: its word list, its generated text, its weights."""
