"""Nothing but decoding: every column of the files, one at a time, strings as dictionary codes."""

import sys

import pyarrow as pa
import pyarrow.parquet as pq

paths, which = sys.argv[1:3], sys.argv[3] if len(sys.argv) > 3 else "all"
columns = 0
for path in paths[1:] if which == "current" else paths:
    schema = pq.read_schema(path)
    words = [field.name for field in schema if pa.types.is_string(field.type)]
    with pq.ParquetFile(path, read_dictionary=words) as file:
        for name in schema.names:
            if which != "numbers" or name not in words:
                columns += len(file.read(columns=[name]).columns)
print(columns)
