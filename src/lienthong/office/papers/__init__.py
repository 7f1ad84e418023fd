"""Registers and forms of records work on paper (Decree 30/2020/NĐ-CP Appendices IV and V): rows in, a table out."""
