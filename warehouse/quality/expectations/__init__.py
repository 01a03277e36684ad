"""Rules and suites as data, and the adapter that runs them with Great Expectations.

Great Expectations is imported only when a suite runs, since that takes seconds.
"""
