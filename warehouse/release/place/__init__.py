"""A published place: a folder or bucket from which readers elsewhere take releases (`ree publish`)."""
