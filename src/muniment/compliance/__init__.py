"""Group 2: frameworks, controls, findings, waivers, reports and the audit trail."""
