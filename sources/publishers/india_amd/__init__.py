"""India's in-situ resources of monazite and rare-earth oxide, as the Atomic Minerals Directorate states them."""
