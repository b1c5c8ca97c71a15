"""`/mcp`: Fooo as tools of the Model Context Protocol, over its streamable HTTP."""

from fooo.interface.http.mcp.mount import MCP, McpMount

__all__ = ["MCP", "McpMount"]
