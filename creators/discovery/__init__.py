"""Finding creators."""
