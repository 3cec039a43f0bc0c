"""Code that the parts of `builder` share: requests, forms, proofs of identity, words of states.

- `page_requests`: who asks, and by what.
- `forms`, `proofs`: fields of accounts, and what proves that it is their owner.
- `account_changes`: a new profile and the end of an account, in all apps.
- `paid_proposal`, `draft_as_change`, `opening`: a draft in words, as a change of a template.
- `run_display`, `security_events`, `storage_bar`, `one_time_secret`, `browser_names`: how pages
  write these.
"""
