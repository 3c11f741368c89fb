"""The simulated RingCentral Video."""
