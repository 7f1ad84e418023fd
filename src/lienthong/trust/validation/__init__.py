"""One verdict model for signatures of every format: PDF, CMS, XML and office documents (ETSI EN 319 102-1)."""
