"""Instructions in words: each rule answers the steps that it recognizes."""
