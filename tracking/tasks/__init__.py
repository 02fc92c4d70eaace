from tracking.tasks import clicks, links, returns, stores

__all__ = ["clicks", "links", "returns", "stores"]
