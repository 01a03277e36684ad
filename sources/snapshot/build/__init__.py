"""How the bundled figures were taken: one module a publisher, from a folder of publishers' files to `Written` files.

Belongs here: which figures are taken, from which file, how they are re-written, and the provenance of each. Does not
belong here: writing them (`write.py`) or parsing them (the publisher's own package).
"""
