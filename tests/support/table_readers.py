"""Reads a table of Delta with deltalake (delta-rs) or DuckDB (delta-kernel-rs), or one of Iceberg with DuckDB or pyiceberg,
by its address or by its name in a REST catalog, and prints what it says as JSON.

Arguments: reader, address of the table or of the catalog, query in which `t` is the table, options of the store as JSON;
for a catalog the namespace and name of the table.
"""

import json
import os
import sys
from datetime import datetime

PLAN_SINCE = "PLAN SINCE "


def with_deltalake(address, query, options):
    from deltalake import DeltaTable, QueryBuilder

    table = DeltaTable(address, storage_options=options or None)
    # How many files may have rows of this time or later, by what the log says of each.
    if query.startswith(PLAN_SINCE):
        since = datetime.fromisoformat(query[len(PLAN_SINCE) :])
        latest = table.get_add_actions(flatten=True)["max.cluster_time"].to_pylist()
        return [{"files": sum(time is None or time >= since for time in latest)}]
    batches = QueryBuilder().register("t", table).execute(query).read_all()
    names = batches.schema.names
    columns = [batches.column(name).to_pylist() for name in names]
    return [dict(zip(names, values)) for values in zip(*columns)]


def with_duckdb(address, query, options):
    connection = duckdb_with(["httpfs", "delta"], options)
    connection.execute(f"CREATE VIEW t AS SELECT * FROM delta_scan('{address}')")
    return rows_of(connection.execute(query))


def with_duckdb_iceberg(address, query, options):
    connection = duckdb_with(["httpfs", "avro", "iceberg"], options)
    connection.execute(f"CREATE VIEW t AS SELECT * FROM iceberg_scan('{address}')")
    return rows_of(connection.execute(query))


def with_pyiceberg(address, query, options):
    from pyiceberg.table import StaticTable

    table = StaticTable.from_metadata(address, properties_of(options))
    # A filter of rows, and how many files it reads.
    if query.startswith("PLAN "):
        row_filter = query[len("PLAN ") :]
        if query.startswith(PLAN_SINCE):
            row_filter = f"cluster_time >= '{query[len(PLAN_SINCE) :]}'"
        return [{"files": len(list(table.scan(row_filter).plan_files()))}]
    return rows_scanned(table, query)


def with_duckdb_catalog(address, query, options, name):
    connection = duckdb_with(["httpfs", "avro", "iceberg"], options)
    connection.execute(
        f"ATTACH '' AS ours (TYPE iceberg, ENDPOINT '{address}', AUTHORIZATION_TYPE 'none')"
    )
    namespace, table = name.rsplit(".", 1)
    connection.execute(f'CREATE VIEW t AS SELECT * FROM ours."{namespace}"."{table}"')
    return rows_of(connection.execute(query))


def with_pyiceberg_catalog(address, query, options, name):
    from pyiceberg.catalog import load_catalog

    catalog = load_catalog("ours", type="rest", uri=address, **properties_of(options))
    return rows_scanned(catalog.load_table(name), query)


def properties_of(options):
    return options and {
        "s3.endpoint": options["AWS_ENDPOINT_URL"],
        "s3.access-key-id": options["AWS_ACCESS_KEY_ID"],
        "s3.secret-access-key": options["AWS_SECRET_ACCESS_KEY"],
        "s3.region": options["AWS_REGION"],
    }


def rows_scanned(table, query):
    import duckdb

    return rows_of(duckdb.from_arrow(table.scan().to_arrow()).query("t", query))


def duckdb_with(extensions, options):
    import duckdb

    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    for name in extensions:
        connection.execute(f"LOAD '{extension(name)}'")
    if options:
        connection.execute(
            "CREATE SECRET (TYPE s3, KEY_ID '{AWS_ACCESS_KEY_ID}', SECRET '{AWS_SECRET_ACCESS_KEY}', "
            "REGION '{AWS_REGION}', ENDPOINT '{host}', URL_STYLE 'path', USE_SSL false)".format(
                host=options["AWS_ENDPOINT_URL"].split("//")[1], **options
            )
        )
    return connection


def rows_of(result):
    names = [column[0] for column in result.description]
    return [dict(zip(names, row)) for row in result.fetchall()]


def extension(name):
    package = __import__(f"duckdb_extension_{name}")
    for folder, _, files in os.walk(os.path.dirname(package.__file__)):
        for file in files:
            if file.endswith(".duckdb_extension"):
                return os.path.join(folder, file)
    raise SystemExit(f"no extension in {package.__file__}")


READERS = {
    "deltalake": with_deltalake,
    "duckdb": with_duckdb,
    "duckdb-iceberg": with_duckdb_iceberg,
    "pyiceberg": with_pyiceberg,
    "duckdb-catalog": with_duckdb_catalog,
    "pyiceberg-catalog": with_pyiceberg_catalog,
}
reader, address, query, options, *name = sys.argv[1:]
json.dump(READERS[reader](address, query, json.loads(options), *name), sys.stdout, default=str)
