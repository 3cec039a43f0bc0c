"""Providers, which do the tools' work: a folder, or a module, for each kind of service.

A provider may import `base` (the port), `service`, `http` and `http_failures` (asking a service),
`results` (files from elsewhere), `time_limits`, `tools.catalog` and `tools.declaration`. No other
provider, and not the registry: it builds them. Nothing outside imports from a provider's folder,
but for `openai`, whose client `compose.model` asks a language model with.
"""
