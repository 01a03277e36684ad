"""How the bundle was made: one module a publisher, with `build`, from a folder of its files to `SnapshotFile`s."""
