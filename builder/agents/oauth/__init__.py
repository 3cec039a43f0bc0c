"""OAuth 2.1: how an app is connected to a person's account, and what it asks on the way."""
