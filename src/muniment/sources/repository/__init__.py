"""All of the group's SQL, a module per noun; no decisions are taken here."""
