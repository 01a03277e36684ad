"""How the bundle was made: one module per publisher, with `build`, from a folder of its files to `SnapshotFile`s."""
