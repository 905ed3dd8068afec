"""Where the six groups are wired to one another and to the platform; decides nothing."""
