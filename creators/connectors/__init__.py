"""What the networks themselves say about accounts, through their documented interfaces."""
