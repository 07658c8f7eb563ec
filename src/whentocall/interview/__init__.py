"""Asking: which question next (pure), the way back, and the faces that ask."""
