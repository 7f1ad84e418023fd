"""All SQL of the exchange, named and commented."""
