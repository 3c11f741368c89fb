"""The failures that the simulator can produce, and how it produces them."""
