"""Reading files of orders: what a column means, and rows turned into orders. Pure."""
