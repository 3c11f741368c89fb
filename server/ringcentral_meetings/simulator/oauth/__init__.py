"""The simulated authorization server."""
