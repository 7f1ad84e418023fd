"""The words of the law as values and pure rules: agency codes, numbers, kinds, urgency, secrecy, statuses,
deadlines.

Nothing is exported here; import the module that tells the story you need.
"""
