"""The pure heart of compliance: judge, score, reconcile; no database, no clock, no network."""
