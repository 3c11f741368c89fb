"""The simulated RingCentral Meetings."""
