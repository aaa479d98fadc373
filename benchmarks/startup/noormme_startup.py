import sys

from noormme import connect

print(connect(sys.argv[1]).users.get(id=1).email)
