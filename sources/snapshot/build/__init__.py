"""How the bundle was made: one module a publisher, with `build`, from a folder of its files to `SnapshotFile`s.

Belongs here: which figures are taken, from which file, how they are re-written, and the provenance of each. Does not
belong here: writing them (`write.py`) or parsing them (the publisher's own package).
"""
