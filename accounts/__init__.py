"""People and what they sign in with: passwords, one-time links, API keys, sessions; their credit.

Public modules:
- `checks`: what can be wrong with the disks.
- `models`, `services`, `selectors`: people, keys, links and their rows.
- `auth`, `authentication`, `scopes`, `staff_permissions`, `roles`, `suspension`, `factor_demand`:
  who sends a request, and what they may do.
- `app_clients`, `app_redirects`, `connected_apps`, `oauth_errors`, `pkce`: connected apps.
- `passwords`, `second_factor`, `sessions`, `session_list`, `signed_in`, `security`,
  `one_time_links`, `socket_tickets`: signing in, and what is shown of it.
- `consumers`, `access_revalidation`, `connection_limits`: sockets and streams of a signed-in
  person.
- `blocks`: whom a person has blocked or muted, and what that means.
- `ledger`, `credit`, `rate_limits`, `person_limits`, `storage`: what a person may use.
- `avatars`, `client_address`, `names`, `person_argument`: how a person or a client is called and
  shown.

Other apps import nothing else of this one; `scripts/structure.py` checks it.
"""
