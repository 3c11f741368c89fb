"""What tools and products speak: meetings, times, recurrence, invitations."""
