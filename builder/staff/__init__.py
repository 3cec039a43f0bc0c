"""Pages of operators (`operator`) and moderators (`moderation`)."""
