"""`python -m ringcentral_meetings`."""

from ringcentral_meetings.cli import main

if __name__ == "__main__":
    main()
