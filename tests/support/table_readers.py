"""Reads a table of Delta with deltalake (delta-rs) or DuckDB (delta-kernel-rs), or one of Iceberg with DuckDB or pyiceberg,
and prints what it says as JSON.

Arguments: reader, address of the table, query in which `t` is the table, options of the store as JSON.
"""

import json
import os
import sys


def with_deltalake(address, query, options):
    from deltalake import DeltaTable, QueryBuilder

    table = DeltaTable(address, storage_options=options or None)
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
    import duckdb
    from pyiceberg.table import StaticTable

    properties = {
        "s3.endpoint": options.get("AWS_ENDPOINT_URL", ""),
        "s3.access-key-id": options.get("AWS_ACCESS_KEY_ID", ""),
        "s3.secret-access-key": options.get("AWS_SECRET_ACCESS_KEY", ""),
        "s3.region": options.get("AWS_REGION", ""),
    }
    table = StaticTable.from_metadata(address, properties if options else {})
    # A filter of rows, and how many files it reads.
    if query.startswith("PLAN "):
        return [{"files": len(list(table.scan(query[len("PLAN ") :]).plan_files()))}]
    t = table.scan().to_arrow()
    return rows_of(duckdb.from_arrow(t).query("t", query))


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
}
rows = READERS[sys.argv[1]](sys.argv[2], sys.argv[3], json.loads(sys.argv[4]))
json.dump(rows, sys.stdout, default=str)
