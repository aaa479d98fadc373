import sys
from datetime import datetime

from pony.orm import Database, Optional, PrimaryKey, Required, db_session

db = Database()


class User(db.Entity):
    _table_ = "users"
    id = PrimaryKey(int)
    email = Required(str)
    name = Required(str)
    age = Required(int)
    score = Optional(float)
    is_active = Required(bool)
    created_at = Required(datetime)


db.bind(provider="sqlite", filename=sys.argv[1])
db.generate_mapping(check_tables=False)
with db_session:
    print(User[1].email)
