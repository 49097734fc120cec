"""What people see: one file a screen; no SQL and no rules."""
