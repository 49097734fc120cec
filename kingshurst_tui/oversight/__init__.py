"""Who looked at what, and why: the trail, for those who oversee."""
