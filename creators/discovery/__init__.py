"""Finding creators among a million: filters, counts, facets, pages and words.

A page needs four things:

    filters = Filters.parse(request.GET)     # filters.py: the names in the address, `problems` that couldn't be read
    search = Search(request.brand, filters)  # search.py: asks nothing until something of it is used
    page = search.page(after=…, before=…)    # entries (creator, lead account, tier, relationship), cursors
    search.count(), search.is_exact          # exact up to some 3,000 rows, then estimated: say “about”
    search.facets()                          # Facet(name, title, options, is_exact): counts under the other filters

`search.filters.choice("niche")` has what is chosen (`any`, `all`, `none`; `niche=`, `niche_all=`, `niche_not=`), and
`filters.bound("views")` the bounds (`views_from=`, `views_to=`). `filters.is_empty`: nothing is asked for.
`search.taken_for` names typed words that nobody has and the similar ones searched for instead.
`search.cut` names beginnings of so many words that only the 50 commonest are searched.
`search.rows()` is everybody as a QuerySet (one `SearchRow` a creator), for exports, alerts and bulk actions.
`words.suggest(brand, kind, text)` completes a value.

All conditions on an account hold on one and the same account, and each creator appears once, as the largest account
that fits. Rows are public (owner 0) or a brand's own, and every statement says which. What is searched is derived by
`creators.actions.discovery.reindex`; see `creators.models.discovery` for the rows.

How a search finds its way (figures in docs/performance.md, reasons in ADR 13): a value that few rows have is looked
up in one index of all values. Else the sieve tells which rows can fit by combining strings of bits (`sieve`,
`ladders`; `packing` makes it), and those are fetched and checked: all of them if they are few, else a random part from
which counts and facets are estimated. The page of many comes out of the sieve too, only as far along the order as fills
it, or from the index of the order (`ways`).
"""
