"""One file a step, in the order Alembic follows."""
