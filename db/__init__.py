"""What is kept: the only place that speaks SQL or holds a key."""
