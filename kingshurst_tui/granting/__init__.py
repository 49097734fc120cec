"""Who holds which role: proposed by an administrator, confirmed by a second person, verified at every sign-in."""
