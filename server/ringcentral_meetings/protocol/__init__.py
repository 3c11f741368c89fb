"""MCP below the tools: the contract of every call, the server, and its transports."""
