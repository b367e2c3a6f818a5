"""What every implementation of the ledger port owes its callers."""
