"""The vocabulary of tools and products: meetings, times, recurrence, invitations."""
