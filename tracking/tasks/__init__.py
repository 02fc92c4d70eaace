from tracking.tasks import clicks, links, returns

__all__ = ["clicks", "links", "returns"]
