"""The public API described by what the views say of themselves: `/v1/openapi.json`, `/docs/api`."""
