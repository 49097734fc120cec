"""Keeping the store's keys: the printed recovery key, the second factor, rotation."""
