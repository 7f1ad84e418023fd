"""Signing with a key that lies elsewhere (ký số từ xa), after the CSC API v2: the reference service.

Source: Cloud Signature Consortium, "Architectures and protocols for remote signature applications", version 2.0,
clauses 8 and 11. Profile: explicit authorisation with PIN and, where set, a one-time password; SCAL 2, that is, what is
authorised is bound to the digests; digests are signed, never documents received.
"""
