"""Enrolment of transport certificates by machines themselves: an ACME server over the local PKI. Source: RFC 8555."""
