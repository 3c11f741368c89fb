"""The authorization server in front of RingCentral's, where people let MCP clients use their meetings."""
