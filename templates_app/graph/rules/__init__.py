"""One class per issue code: what finds it, how it is said, what clears it. See `rule.Rule`."""
