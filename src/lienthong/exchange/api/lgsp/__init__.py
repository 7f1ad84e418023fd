"""The face for provincial gateways that speak the REST façade ("LGSP"). Source: docs/protocols/lgsp.md."""
