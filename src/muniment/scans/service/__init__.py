"""What one can do with scans: runs, approvals, schedules, and what others may ask."""
