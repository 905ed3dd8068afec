"""All of the group's SQL, the audit trail's apart; no decisions are taken here."""
