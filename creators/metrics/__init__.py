"""Numbers about accounts: typed rates, the statement that computes metrics, and who is compared with whom."""
