"""Keeping signatures valid for decades: completing levels later, renewing archive timestamps before they weaken."""
