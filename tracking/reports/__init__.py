"""Reading the results: figures with their intervals, by creator, tier, campaign and day. Writes nothing."""
