import asyncio
import sys
from datetime import datetime

from oxyde import Field, Model, db


class User(Model):
    id: int | None = Field(default=None, db_pk=True)
    email: str
    name: str
    age: int
    score: float | None = Field(default=None)
    is_active: bool
    created_at: datetime

    class Meta:
        is_table = True
        table_name = "users"


async def main():
    async with db.connect(f"sqlite:///{sys.argv[1]}"):
        print((await User.objects.get(id=1)).email)


asyncio.run(main())
