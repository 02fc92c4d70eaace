"""The directory of creators that a brand sees: filters, facets, pages."""
