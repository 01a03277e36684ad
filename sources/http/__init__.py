"""HTTP access to publishers: client, response validation, redaction of secrets, the contract of a fetcher."""
