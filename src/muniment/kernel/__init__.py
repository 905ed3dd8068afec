"""What every layer may use: refs, ids, errors, clock, events; standard library only."""
