"""What the bundle starts."""

from ringcentral_meetings.cli import main

main()
