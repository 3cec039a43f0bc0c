"""What people ask for, kind by kind: each rule answers the steps that it recognises."""
