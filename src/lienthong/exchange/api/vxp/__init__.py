"""The face for systems that speak the national SDK ("VXP"). Source: docs/protocols/vxp.md."""
