"""What an assistant asks of a release: search, descriptions, queries with their caveats, and why not to add up."""
