"""Answers to advice: the durable-rules engine, the reference evaluation, combining, open ends."""
