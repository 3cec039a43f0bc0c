"""Services for final media: models as rows, one state machine, a dialect for each service."""
