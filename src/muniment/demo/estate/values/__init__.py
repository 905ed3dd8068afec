"""How single values are made: draws, check digits, persons, sentences."""
