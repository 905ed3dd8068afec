"""How things are stored, delivered, protected and observed, whatever they mean."""
