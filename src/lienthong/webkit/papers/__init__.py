"""Printed and exported papers: registers, lists and forms as PDF, spreadsheet and word-processor file."""
