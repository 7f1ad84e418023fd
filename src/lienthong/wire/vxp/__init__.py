"""The wire of the vendor's SDK ("VXP", generation A), as bytes: docs/protocols/vxp.md; exchange facts §2.1."""
