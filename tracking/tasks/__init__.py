from tracking.tasks import clicks, codes, imports, ledger, links, reports, returns, stores

__all__ = ["clicks", "codes", "imports", "ledger", "links", "reports", "returns", "stores"]
