"""Points and buckets lie in the order they are read in (SQLite)."""

from django.db import migrations

from trackerweb.sqlite import ClusterByPrimaryKey


class Migration(migrations.Migration):
    dependencies = [("runs", "0001_initial")]

    operations = [
        ClusterByPrimaryKey("runs_metricpoint"),
        ClusterByPrimaryKey("runs_metricbucket"),
    ]
