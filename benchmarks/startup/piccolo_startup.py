import asyncio
import sqlite3
import sys

from piccolo.columns import Boolean, Integer, Real, Serial, Text, Timestamp
from piccolo.engine.sqlite import SQLiteEngine, convert_timestamp_out
from piccolo.table import Table

sqlite3.register_converter("DATETIME", convert_timestamp_out)


class User(Table, db=SQLiteEngine(sys.argv[1]), tablename="users"):
    id = Serial(primary_key=True)
    email = Text()
    name = Text()
    age = Integer()
    score = Real(null=True)
    is_active = Boolean()
    created_at = Timestamp()


async def main():
    print((await User.objects().get(User.id == 1)).email)


asyncio.run(main())
