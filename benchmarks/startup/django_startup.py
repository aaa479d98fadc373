import sys

import django
from django.conf import settings

settings.configure(
    USE_TZ=False, DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[1]}}
)
django.setup()

from django.db import models  # noqa: E402 (Django wants its settings first)


class User(models.Model):
    email = models.TextField(unique=True)
    name = models.TextField()
    age = models.IntegerField()
    score = models.FloatField(null=True)
    is_active = models.BooleanField()
    created_at = models.DateTimeField()

    class Meta:
        app_label = "startup"
        managed = False
        db_table = "users"


print(User.objects.get(pk=1).email)
