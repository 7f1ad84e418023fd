"""The evidence log: Merkle hashing, tiles, proofs, signed checkpoints and the cosignatures of witnesses.

An *entry* of the log is the SHA-256 digest of one signed event. Entries are leaves of one append-only Merkle tree
per axis; *tiles* are the tree's hashes in files of fixed width; a *checkpoint* is the axis's signed statement of the
tree's size and root; a *cosignature* is another axis's statement that this checkpoint extends the last one it saw.
Source: RFC 9162, C2SP tlog documents, PR-EVIDENCE §2.
"""
