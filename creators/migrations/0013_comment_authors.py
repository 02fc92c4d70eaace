"""Find the comments of one author: whom mutual commenters write to. Built beside running writes."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("creators", "0012_vetting")]

    operations = [
        AddIndexConcurrently("comment", models.Index(fields=["author"], name="creators_comment_author")),
    ]
