"""Great Expectations: is this load, is this fact, believable?

Belongs here: the suites (one module a table), the rules they are written in, and the one adapter that runs them.
Great Expectations itself is imported only when a suite runs. Does not belong here: exact schemas (the parser),
keys, relationships and arithmetic between columns (dbt).
"""
