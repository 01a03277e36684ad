"""Publishers played by real HTTP servers on loopback, faults included."""
