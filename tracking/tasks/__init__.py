from tracking.tasks import clicks, codes, imports, ledger, links, returns, stores

__all__ = ["clicks", "codes", "imports", "ledger", "links", "returns", "stores"]
