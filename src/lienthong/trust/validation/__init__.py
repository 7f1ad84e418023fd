"""One verdict model for signatures in every format: PDF, CMS, XML, office documents and packages (ETSI EN 319 102-1)."""
