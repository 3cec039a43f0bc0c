"""Job functions that run in the sandbox child, one module per tool."""
