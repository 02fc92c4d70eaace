"""A brand's own names for sizes of following."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from creators.models import TierBand, TierScheme
from creators.tiers import PRESETS, Band, check_bands
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record


@transaction.atomic
def set_tiers(brand: Brand, name: str, bands: Sequence[Band], *, by: User | None = None) -> TierScheme:
    """Replace the brand's scheme. Raises creators.tiers.SchemeRefusedError naming the row that is wrong."""
    check_bands(bands)
    scheme, _ = TierScheme.objects.select_for_update().get_or_create(brand=brand)
    scheme.name = name
    scheme.save(update_fields=["name", "updated_at"])
    scheme.bands.all().delete()
    TierBand.objects.bulk_create(
        TierBand(scheme=scheme, network=band.network, name=band.name, lower=band.lower, upper=band.upper)
        for band in bands
    )
    note_version(scheme, by=by)
    return scheme


def note_version(scheme: TierScheme, *, by: User | None) -> None:
    """Write down the bounds as they are now: `creators.tiers.versions` reads them back."""
    bands = [[band.network, band.name, band.lower, band.upper] for band in scheme.bands.all()]
    record(scheme.brand, "tiers.changed", scheme, by=by, title=scheme.name, bands=bands)


@transaction.atomic
def start_tiers(brand: Brand) -> TierScheme:
    """Flinque's scheme for a brand that has none; a scheme that is there stays as it is."""
    scheme = TierScheme.objects.filter(brand=brand).first()
    return scheme or set_tiers(brand, PRESETS["flinque"].title, PRESETS["flinque"].bands)
