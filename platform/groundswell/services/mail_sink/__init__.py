"""A local mail server that delivers to a web page instead of to people."""
