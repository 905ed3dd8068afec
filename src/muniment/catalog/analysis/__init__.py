"""What looks at data: profiles and quality checks as mergeable states; no database, no clock."""
