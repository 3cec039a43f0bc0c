"""Stand-ins for what is outside: services, providers, tools, jobs, small applications."""
