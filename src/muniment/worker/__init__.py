"""The background process: it carries scans, schedules, probes and deliveries."""
