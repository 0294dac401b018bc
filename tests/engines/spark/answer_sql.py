"""Runs each line of its input as SQL of Spark and answers each with one line of JSON: its rows, or what was wrong.

Arguments: class path with the jars, address of a REST catalog (`ours` in SQL), options of S3 as JSON. Credentials come from the
environment. Delta tables in folders are delta.`/folder`.
"""

import json
import sys

from pyspark.sql import SparkSession

jars, catalog, options = sys.argv[1:]
options = json.loads(options)
builder = SparkSession.builder.master("local[2]").appName("tables")
settings = {
    "spark.driver.memory": "1500m",
    "spark.driver.extraClassPath": jars,
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions,"
    "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.catalog.ours": "org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.catalog.ours.type": "rest",
    "spark.sql.catalog.ours.uri": catalog,
    # What others commit is seen at once.
    "spark.sql.catalog.ours.cache-enabled": "false",
    "spark.sql.catalog.ours.io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
    "spark.sql.catalog.ours.s3.endpoint": options["endpoint"],
    "spark.sql.catalog.ours.s3.path-style-access": "true",
    "spark.sql.catalog.ours.client.region": options["region"],
}
for name, value in settings.items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()


def files_read(query):
    """How many files the plan of a query that has run has read."""
    frame = spark.sql(query)
    frame.collect()
    plan = frame._jdf.queryExecution().executedPlan()
    # Behind a plan that changed while it ran stands the one that it has become.
    if plan.getClass().getSimpleName() == "AdaptiveSparkPlanExec":
        plan = plan.executedPlan()
    files = 0
    leaves = plan.collectLeaves().iterator()
    while leaves.hasNext():
        metrics = leaves.next().metrics()
        for name in ("numFiles", "resultDataFiles"):
            if metrics.contains(name):
                files += metrics.apply(name).value()
    return [{"files": files}]


for line in sys.stdin:
    try:
        if line.startswith("FILES "):
            answer = {"rows": files_read(line[len("FILES ") :])}
        else:
            answer = {"rows": [row.asDict() for row in spark.sql(line).collect()]}
    except Exception as error:
        answer = {"error": str(error)[:2000]}
    print(json.dumps(answer, default=str), flush=True)
