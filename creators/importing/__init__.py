"""Reading files of creators as people really have them. Pure: no database, no Django models."""
