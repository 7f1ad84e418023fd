"""People, units, positions, delegation and the audit log of an agency; and everybody's own settings."""
