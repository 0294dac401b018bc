"""Reads a table by its name in a REST catalog, with DuckDB or pyiceberg, and prints what it says as JSON.

Arguments: reader, address of the catalog, namespace and name of the table, query in which `t` is the table, options of S3 as JSON.
"""

import json
import os
import sys


def with_pyiceberg(address, name, query, options):
    import duckdb
    from pyiceberg.catalog import load_catalog

    catalog = load_catalog("ours", **{
        "type": "rest",
        "uri": address,
        "s3.endpoint": options["endpoint"],
        "s3.access-key-id": options["key"],
        "s3.secret-access-key": options["secret"],
        "s3.region": options["region"],
    })
    t = catalog.load_table(name).scan().to_arrow()
    return rows_of(duckdb.from_arrow(t).query("t", query))


def with_duckdb(address, name, query, options):
    import duckdb

    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    for extension in ["httpfs", "avro", "iceberg"]:
        connection.execute(f"LOAD '{path_of(extension)}'")
    connection.execute(
        "CREATE SECRET (TYPE s3, KEY_ID '{key}', SECRET '{secret}', REGION '{region}', ENDPOINT '{host}', "
        "URL_STYLE 'path', USE_SSL false)".format(host=options["endpoint"].split("//")[1], **options)
    )
    connection.execute(
        f"ATTACH '' AS ours (TYPE iceberg, ENDPOINT '{address}', AUTHORIZATION_TYPE 'none')"
    )
    namespace, table = name.rsplit(".", 1)
    connection.execute(f'CREATE VIEW t AS SELECT * FROM ours."{namespace}"."{table}"')
    return rows_of(connection.execute(query))


def rows_of(result):
    names = [column[0] for column in result.description]
    return [dict(zip(names, row)) for row in result.fetchall()]


def path_of(extension):
    package = __import__(f"duckdb_extension_{extension}")
    for folder, _, files in os.walk(os.path.dirname(package.__file__)):
        for file in files:
            if file.endswith(".duckdb_extension"):
                return os.path.join(folder, file)
    raise SystemExit(f"no extension in {package.__file__}")


READERS = {"duckdb": with_duckdb, "pyiceberg": with_pyiceberg}
reader, address, name, query, options = sys.argv[1:]
json.dump(READERS[reader](address, name, query, json.loads(options)), sys.stdout, default=str)
