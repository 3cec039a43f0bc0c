"""Fixtures of tests of SDKs, of other clients and of killed workers: the product itself."""

from tests.support.sites import hooking, openai, rest, services_site, shared_site, site, smtp

__all__ = ["hooking", "openai", "rest", "services_site", "shared_site", "site", "smtp"]
