"""Which records are one person: the model, the run, the profiles, the explanation and the review.

The only home of Splink and DuckDB; both are imported when a run begins, never with this package.
"""
