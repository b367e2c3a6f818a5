"""What every implementation of the directory port owes its callers."""
