"""From a partner's extract to checked, coarsened, staged source records, contacts and area measures."""
