import sys

from tortoise import Tortoise, fields, run_async
from tortoise.models import Model


class User(Model):
    id = fields.IntField(primary_key=True)
    email = fields.TextField()
    name = fields.TextField()
    age = fields.IntField()
    score = fields.FloatField(null=True)
    is_active = fields.BooleanField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "users"


async def main():
    await Tortoise.init(db_url=f"sqlite://{sys.argv[1]}", modules={"models": ["__main__"]}, use_tz=False)
    print((await User.get(id=1)).email)


run_async(main())
