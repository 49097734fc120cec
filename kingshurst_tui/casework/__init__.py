"""Rules and flags, consents and masks, agenda, decisions, dissent, actions."""
