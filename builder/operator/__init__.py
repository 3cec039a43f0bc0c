"""What staff see of everybody's runs, and what they may do about one that is stuck."""
