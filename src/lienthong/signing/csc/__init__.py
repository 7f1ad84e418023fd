"""Using a remote signing service (CSC API v2): its words on the wire, and a signer whose key lies there."""
