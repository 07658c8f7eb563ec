"""What a rule file says: models, phrases, loading with file and line, sources."""
