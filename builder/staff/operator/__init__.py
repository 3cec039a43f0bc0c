"""What staff see of everyone's runs, and what they may do about one that is stuck."""
