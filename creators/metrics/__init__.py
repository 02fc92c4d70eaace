"""Numbers about accounts: typed rates, the statement that computes metrics from posts, and who is compared with whom."""
