from tracking.tasks import clicks, returns

__all__ = ["clicks", "returns"]
