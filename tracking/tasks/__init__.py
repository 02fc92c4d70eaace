from tracking.tasks import clicks, codes, imports, ledger, links, outlooks, reports, returns, stores

__all__ = ["clicks", "codes", "imports", "ledger", "links", "outlooks", "reports", "returns", "stores"]
