import sys

from peewee import (
    AutoField,
    BooleanField,
    DateTimeField,
    FloatField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
)


class User(Model):
    id = AutoField()
    email = TextField()
    name = TextField()
    age = IntegerField()
    score = FloatField(null=True)
    is_active = BooleanField()
    created_at = DateTimeField()

    class Meta:
        database = SqliteDatabase(sys.argv[1])
        table_name = "users"


print(User.get_by_id(1).email)
