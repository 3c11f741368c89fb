"""The MCP clients: what each is called, where it keeps its servers, and how it writes one down."""
