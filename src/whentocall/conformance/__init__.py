"""Conformance vectors for ports in any language, and replays of saved results."""
