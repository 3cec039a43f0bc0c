"""What the studio does, one module a tool: each `run(arguments, report)` works in the sandbox child."""
