"""The API around the WebSockets: tickets that open one from a page elsewhere."""
