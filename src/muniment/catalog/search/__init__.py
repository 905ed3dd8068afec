"""Finding assets: a disposable index in each API process."""
