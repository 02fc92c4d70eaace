"""The click table: partitioned by month (UTC), so that months are made ahead and dropped whole.

The primary key leads with the time because a partition key must be part of it; a click id is a ULID whose first ten
characters are that same time, so a click is found by its id alone. Written by COPY: two indexes are all it carries.
"""

from datetime import date

from django.db import migrations

TABLE = """
CREATE TABLE tracking_click (
    clicked_at   timestamptz  NOT NULL,
    id           varchar(26)  NOT NULL,
    link_id      bigint       NOT NULL,
    visitor      varchar(32)  NOT NULL DEFAULT '',
    bot_reason   varchar(40)  NOT NULL DEFAULT '',
    is_duplicate boolean      NOT NULL DEFAULT false,
    referrer     varchar(200) NOT NULL DEFAULT '',
    device       varchar(20)  NOT NULL DEFAULT '',
    app          varchar(40)  NOT NULL DEFAULT '',
    country      varchar(2)   NOT NULL DEFAULT '',
    received_at  timestamptz  NOT NULL DEFAULT now(),
    PRIMARY KEY (clicked_at, id)
) PARTITION BY RANGE (clicked_at);
CREATE INDEX tracking_click_link ON tracking_click (link_id, clicked_at);
"""

# Making and attaching takes a weaker lock on the parent than CREATE TABLE … PARTITION OF, so readers are not held up.
FUNCTION = """
CREATE FUNCTION tracking_click_partition(wanted date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    month date := date_trunc('month', wanted)::date;
    name  text := 'tracking_click_' || to_char(month, 'YYYYMM');
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('tracking_click_partition'));
    IF to_regclass(name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE tracking_click INCLUDING ALL)', name);
    EXECUTE format(
        'ALTER TABLE tracking_click ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        name, month::timestamp AT TIME ZONE 'UTC', (month + interval '1 month')::timestamp AT TIME ZONE 'UTC'
    );
    RETURN true;
END $$;
"""


def make_first_partitions(apps, schema_editor):
    """From a year back (old clicks may be loaded) to three months ahead."""
    today = date.today()
    first = today.year * 12 + today.month - 1 - 12
    with schema_editor.connection.cursor() as cursor:
        for month in range(first, first + 16):
            cursor.execute("SELECT tracking_click_partition(%s)", [date(month // 12, month % 12 + 1, 1)])


class Migration(migrations.Migration):
    dependencies = [("tracking", "0001_initial")]

    operations = [
        migrations.RunSQL(TABLE, "DROP TABLE tracking_click"),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION tracking_click_partition(date)"),
        migrations.RunPython(make_first_partitions, migrations.RunPython.noop, elidable=False),
    ]
