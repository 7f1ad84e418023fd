"""The conformance kit: checks that run against another implementation of the axis, or against an agency's system.

A check is data (what the law or the format says, how hard it binds, what to fix) with the steps that find out; each
family stands in a file of its own. Over the contexts, below the roles; see ADR 0015.
"""
