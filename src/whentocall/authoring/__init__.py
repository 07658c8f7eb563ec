"""What a rule set is worth: its cases run, its claims checked."""
