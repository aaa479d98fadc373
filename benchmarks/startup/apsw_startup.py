import sys

import apsw

row = apsw.Connection(sys.argv[1]).execute("select * from users where id = 1").fetchone()
print(row[1])
