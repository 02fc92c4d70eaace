"""What a brand team, a partner or a job can do with creators."""

from creators.actions.relationships import relate as relate
