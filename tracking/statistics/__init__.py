"""What counts of few orders can tell: exact intervals, partially pooled rates, and the odds of a profit. Pure."""
