import sqlite3
import sys

row = sqlite3.connect(sys.argv[1]).execute("select * from users where id = 1").fetchone()
print(row[1])
