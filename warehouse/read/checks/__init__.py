"""The checks of `ree doctor`: one function per check, each with what it finds and the remedy."""
