"""What the simulator can be told to do wrong, and how it does it."""
