"""Other styles for real pictures and videos, and which of them the words ask for."""
