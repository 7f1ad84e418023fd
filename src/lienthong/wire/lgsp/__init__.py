"""The wire of provincial gateways' REST façade ("LGSP"), as bytes: docs/protocols/lgsp.md; exchange facts §2.3."""
