"""The pages for staff about everyone's runs, and their actions on one that is stuck."""
