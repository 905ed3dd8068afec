"""What there is: assets, their columns, versions and annotations."""
