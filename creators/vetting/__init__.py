"""What a team looks at before it asks a creator: signals with their numbers, disclosure, mentions, fit."""
