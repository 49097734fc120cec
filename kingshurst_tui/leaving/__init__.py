"""What leaves the store: through one gate, marked for whom it is, and only what they may see."""
