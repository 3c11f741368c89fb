"""Moments as the simulator computes with them and as the API writes them."""

from datetime import UTC, datetime


def utc(seconds: float) -> datetime:
    """Return the moment that lies some seconds after the beginning of 1970, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def iso(moment: datetime) -> str:
    """Return a moment as the API writes it: whole seconds, UTC, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
