"""Liberation Serif, metric-compatible with Times New Roman, under the SIL Open Font License (OFL.txt)."""
