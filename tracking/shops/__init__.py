"""Reading what shops send: their payloads and signatures turned into our words. Pure."""
