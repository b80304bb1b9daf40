"""What must hold: one contract per table, the gate before each write, the quarantine."""
