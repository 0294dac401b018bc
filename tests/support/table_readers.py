"""Reads a Delta table with deltalake (delta-rs) or DuckDB (delta-kernel-rs) and prints what it says as JSON.

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
    import duckdb

    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    for name in ["httpfs", "delta"]:
        connection.execute(f"LOAD '{extension(name)}'")
    if options:
        connection.execute(
            "CREATE SECRET (TYPE s3, KEY_ID '{AWS_ACCESS_KEY_ID}', SECRET '{AWS_SECRET_ACCESS_KEY}', "
            "REGION '{AWS_REGION}', ENDPOINT '{host}', URL_STYLE 'path', USE_SSL false)".format(
                host=options["AWS_ENDPOINT_URL"].split("//")[1], **options
            )
        )
    connection.execute(f"CREATE VIEW t AS SELECT * FROM delta_scan('{address}')")
    result = connection.execute(query)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row)) for row in result.fetchall()]


def extension(name):
    package = __import__(f"duckdb_extension_{name}")
    for folder, _, files in os.walk(os.path.dirname(package.__file__)):
        for file in files:
            if file.endswith(".duckdb_extension"):
                return os.path.join(folder, file)
    raise SystemExit(f"no extension in {package.__file__}")


READERS = {"deltalake": with_deltalake, "duckdb": with_duckdb}
rows = READERS[sys.argv[1]](sys.argv[2], sys.argv[3], json.loads(sys.argv[4]))
json.dump(rows, sys.stdout, default=str)
