"""Keys, signatures, certificates and timestamps: who signed which bytes, and when."""
