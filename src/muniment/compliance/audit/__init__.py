"""The audit trail: recorded in the business transaction, sealed behind it, verified anywhere."""
