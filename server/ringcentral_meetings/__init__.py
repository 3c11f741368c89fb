"""A Model Context Protocol server for a person's RingCentral meetings."""

__version__ = "0.1.0"
PROGRAM = "ringcentral-meetings-mcp"
"""The name of the command."""
