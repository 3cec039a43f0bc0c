"""The moderators' console: queue, cases, people, appeals and the audit log. Parse, call, render."""
