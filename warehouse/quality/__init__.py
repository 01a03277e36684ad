"""The two gates and the rules they judge by."""
