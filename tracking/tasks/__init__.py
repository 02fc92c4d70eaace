from tracking.tasks import clicks, codes, links, returns, stores

__all__ = ["clicks", "codes", "links", "returns", "stores"]
