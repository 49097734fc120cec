"""The meeting: prepared, held, and what is kept of it."""
