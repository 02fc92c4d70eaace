from tracking.tasks import clicks, codes, imports, links, returns, stores

__all__ = ["clicks", "codes", "imports", "links", "returns", "stores"]
