from celery import shared_task

from tracking.actions import clicks, letters, partitions, retention


@shared_task
def ship_clicks() -> int:
    """Copy what this host's spool holds into the click table."""
    return clicks.ship_clicks().clicks


@shared_task
def retry_letters() -> int:
    """Look again at this host's lines that were no clicks."""
    return letters.retry_letters().clicks


@shared_task
def make_partitions() -> int:
    """Keep three months of partitions ahead, drop those older than clicks are kept, and forget positions of segments
    long gone."""
    clicks.forget_positions()
    retention.drop_old_clicks()
    return partitions.make_coming_partitions()
