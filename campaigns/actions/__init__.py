"""What people and jobs do with campaigns: one module per noun."""
