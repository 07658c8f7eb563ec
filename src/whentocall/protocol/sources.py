"""Sentences of source documents: normalised, and hashed, because their text is not ours to keep."""

from __future__ import annotations

import hashlib
import re

_QUOTES = str.maketrans({"\u00a0": " ", "‘": "'", "’": "'", "“": '"', "”": '"'})


def normalised(text: str) -> str:
    """The text with plain spaces and quotes, one space for each run of white space, none at the ends."""
    return re.sub(r"\s+", " ", text.translate(_QUOTES)).strip()


def sentence_sha256(text: str) -> str:
    """SHA-256 of the normalised text in UTF-8, in hexadecimal."""
    return hashlib.sha256(normalised(text).encode()).hexdigest()
