"""What unmodified clients ask beside runs and templates: models, announcements, subscription."""
