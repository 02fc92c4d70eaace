"""What partners read and write about creators."""
