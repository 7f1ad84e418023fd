"""The agency directory: who exists, under which codes, by which systems, with which keys, and who follows
whom.

Nothing is exported here; import the module that tells the story you need.
"""
