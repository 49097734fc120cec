"""Keeping the store whole: checking it, copying it, bringing copies back."""
