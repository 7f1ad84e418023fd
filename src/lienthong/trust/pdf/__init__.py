"""Everything that reads or writes a PDF; the PDF libraries are imported nowhere else (ADR 0020)."""
