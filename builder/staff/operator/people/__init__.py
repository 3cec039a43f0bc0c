"""`/admin/people` and `/admin/roles`: accounts, their credit and limits, and who has which role."""
