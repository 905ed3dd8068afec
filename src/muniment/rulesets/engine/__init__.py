"""The pure heart of rule sets: overlay, validation, preview, differences."""
