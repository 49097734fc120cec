"""What came of it: outcomes of a person, what works across cases, whether flags were useful, what was missed."""
