"""Prints the rows of an object as one JSON array: times in milliseconds since 1970, documents as JSON text."""

import datetime
import json
import sys

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def parquet_rows(path):
    import pyarrow.parquet

    return pyarrow.parquet.read_table(path).to_pylist()


def avro_rows(path):
    import fastavro

    with open(path, "rb") as file:
        reader = fastavro.reader(file)
        types = {f["name"]: f["type"] for f in reader.writer_schema["fields"]}
        assert types["cluster_time"] == {"type": "long", "logicalType": "timestamp-millis"}, types
        return list(reader)


def plain(value):
    if isinstance(value, datetime.datetime):
        return (value - EPOCH) // datetime.timedelta(milliseconds=1)
    return value


READERS = {"parquet": parquet_rows, "avro": avro_rows}
rows = READERS[sys.argv[1]](sys.argv[2])
json.dump([{name: plain(value) for name, value in row.items()} for row in rows], sys.stdout)
