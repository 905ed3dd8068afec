"""What people and the other groups can do with compliance, a module for each noun."""
