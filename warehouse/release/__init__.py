"""From a judged candidate to a release: publishing, content hash, data package, reports, differences."""
