"""The least server that there is: the SDK's, with one tool that needs nothing."""

from mcp.server.mcpserver import MCPServer

server = MCPServer("one tool", log_level="ERROR")


@server.tool()
async def echo(text: str) -> str:
    """Say it again."""
    return text


if __name__ == "__main__":
    server.run()
