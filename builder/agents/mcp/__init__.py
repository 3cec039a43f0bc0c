"""`/mcp`: this server as a server of the Model Context Protocol, for agents.

`app` is the ASGI application. It imports the rest, and the package `mcp`, with the first request.
`tool` is what each tool implements; `catalog` finds them.
"""
