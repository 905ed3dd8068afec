"""What the groups tell, ask and plug into one another; types only."""
