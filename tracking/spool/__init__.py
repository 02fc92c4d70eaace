"""The durable queue between the redirect and the click table: lines in files of this host.

Nothing here imports Django, so that the click path starts without it.
"""
