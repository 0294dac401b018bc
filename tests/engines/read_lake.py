"""Counts the rows of a table in a bucket, and those before 2020, with Polars or ClickHouse, and prints both as JSON.

Arguments: engine, format, address of the table's folder, options of S3 as JSON.
"""

import json
import sys


def with_polars(kind, address, options):
    import polars

    names = {
        "aws_endpoint_url": options["endpoint"],
        "aws_access_key_id": options["key"],
        "aws_secret_access_key": options["secret"],
        "aws_region": options["region"],
        "aws_allow_http": "true",
    }
    if kind == "delta":
        table = polars.scan_delta(address, storage_options=names)
    else:
        table = polars.scan_iceberg(newest(address, options), storage_options={
            "s3.endpoint": options["endpoint"],
            "s3.access-key-id": options["key"],
            "s3.secret-access-key": options["secret"],
            "s3.region": options["region"],
        })
    total = table.select(polars.len(), polars.col("resume_token").n_unique()).collect().row(0)
    first = polars.datetime(2020, 1, 1, time_zone="UTC")
    earlier = table.filter(polars.col("cluster_time") < first).select(polars.len()).collect().item()
    return [*total, earlier]


def newest(address, options):
    from pyarrow.fs import S3FileSystem

    store = S3FileSystem(
        access_key=options["key"],
        secret_key=options["secret"],
        endpoint_override=options["endpoint"],
        region=options["region"],
    )
    hint = store.open_input_file(f"{address.removeprefix('s3://')}/metadata/version-hint.text")
    return f"{address}/metadata/v{hint.read().decode()}.metadata.json"


def with_clickhouse(kind, address, options):
    import chdb

    at = f"{options['endpoint']}/{address.removeprefix('s3://')}/"
    function = {"delta": "deltaLake", "iceberg": "icebergS3"}[kind]
    table = f"{function}('{at}', '{options['key']}', '{options['secret']}')"
    total = f"SELECT count(), count(DISTINCT resume_token) FROM {table}"
    earlier = f"SELECT count() FROM {table} WHERE cluster_time < '2020-01-01 00:00:00'"
    rows = [json.loads(str(chdb.query(query, "JSONCompactEachRow"))) for query in [total, earlier]]
    return [int(number) for row in rows for number in row]


ENGINES = {"polars": with_polars, "clickhouse": with_clickhouse}
engine, kind, address, options = sys.argv[1:]
json.dump(ENGINES[engine](kind, address, json.loads(options)), sys.stdout)
