import sys

from sqlalchemy import MetaData, create_engine, select

metadata = MetaData()
with create_engine(f"sqlite:///{sys.argv[1]}").connect() as connection:
    metadata.reflect(connection)
    users = metadata.tables["users"]
    print(connection.execute(select(users).where(users.c.id == 1)).one().email)
