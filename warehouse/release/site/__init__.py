"""The static site of a release: pages that work from the file system and from any host, without a request elsewhere."""
