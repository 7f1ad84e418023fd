"""What every layer may use: refusals, time, identifiers and text. A closed list of four modules."""
