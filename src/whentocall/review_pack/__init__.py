"""The review pack: everything that a committee needs to judge and sign a protocol."""
