"""What people and jobs do with templates, messages and the outbox: one module per noun."""
