"""Who is credited with an order: evidence in, a decision with its reason or a refusal with its reason out. Pure."""
