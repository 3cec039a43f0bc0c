"""Moving pictures and sound in the sandbox child: reading, mixing, writing. No Django in here."""
