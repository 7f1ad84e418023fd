"""edXML packets of QCVN 102:2016/BTTTT: read every variant in use, write the canonical ones."""
