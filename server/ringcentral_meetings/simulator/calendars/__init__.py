"""The calendar of the signed-in user, and the addresses at which it is published as calendar feeds."""
