"""Places: area measures, and what may be shown of small numbers."""
