"""How long a migration takes."""
