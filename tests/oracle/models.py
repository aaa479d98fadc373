"""Django's side of the test database: one unmanaged model per table.

Invariant: a field's or relation's name here is the name that noormme derives, so that one query
text is valid on both sides. The exception is ``country_code``: Django's raw name for that foreign
key would be ``country_id``, so queries use ``country`` and ``country__code`` only.
"""

from __future__ import annotations

from django.db.models import (
    DO_NOTHING,
    BooleanField,
    CharField,
    CompositePrimaryKey,
    DateField,
    DateTimeField,
    DecimalField,
    FloatField,
    ForeignKey,
    IntegerField,
    JSONField,
    ManyToManyField,
    Model,
    OneToOneField,
    TextField,
    TimeField,
    UUIDField,
)


class Country(Model):
    code = CharField(primary_key=True, max_length=2)
    name = TextField()
    continent = TextField(null=True)
    population = IntegerField(null=True)

    class Meta:
        managed = False
        db_table = "countries"


class Person(Model):
    name = TextField()
    email = TextField(null=True, unique=True)
    age = IntegerField(null=True)
    height = FloatField(null=True)
    is_active = BooleanField()
    is_admin = BooleanField(null=True)
    born = DateField(null=True)
    joined = DateTimeField()
    balance = DecimalField(max_digits=10, decimal_places=2, null=True)
    country = ForeignKey(Country, DO_NOTHING, related_name="people", db_column="country_code", null=True)
    mentor = ForeignKey("self", DO_NOTHING, related_name="people", null=True)
    people_via_friendships_as_person = ManyToManyField(
        "self",
        through="Friendship",
        through_fields=("person", "friend"),
        symmetrical=False,
        related_name="people_via_friendships_as_friend",
    )
    clubs = ManyToManyField("Club", through="Membership", related_name="people")

    class Meta:
        managed = False
        db_table = "people"


class Profile(Model):
    person = OneToOneField(Person, DO_NOTHING, related_name="profile")
    bio = TextField(null=True)
    score = FloatField()
    verified = BooleanField(null=True)

    class Meta:
        managed = False
        db_table = "profiles"


class Passport(Model):
    person = OneToOneField(Person, DO_NOTHING, related_name="passport", primary_key=True)
    number = TextField()
    expires = DateField(null=True)

    class Meta:
        managed = False
        db_table = "passports"


class Category(Model):
    name = TextField()
    parent = ForeignKey("self", DO_NOTHING, related_name="children", null=True)

    class Meta:
        managed = False
        db_table = "categories"


class Post(Model):
    title = TextField()
    status = TextField(null=True)
    views = IntegerField()
    rating = IntegerField(null=True)
    price = DecimalField(max_digits=8, decimal_places=2, null=True)
    is_public = BooleanField()
    published_at = DateTimeField(null=True)
    due_on = DateField(null=True)
    author = ForeignKey(Person, DO_NOTHING, related_name="posts_as_author")
    editor = ForeignKey(Person, DO_NOTHING, related_name="posts_as_editor", null=True)
    category = ForeignKey(Category, DO_NOTHING, related_name="posts", null=True)
    tags = ManyToManyField("Tag", through="PostTag", related_name="posts")

    class Meta:
        managed = False
        db_table = "posts"


class Tag(Model):
    name = TextField(unique=True)
    weight = FloatField(null=True)

    class Meta:
        managed = False
        db_table = "tags"


class PostTag(Model):
    pk = CompositePrimaryKey("post_id", "tag_id")
    post = ForeignKey(Post, DO_NOTHING, related_name="post_tags")
    tag = ForeignKey(Tag, DO_NOTHING, related_name="post_tags")

    class Meta:
        managed = False
        db_table = "post_tags"


class Club(Model):
    slug = CharField(primary_key=True, max_length=20)
    name = TextField()
    founded = DateField(null=True)
    meets_at = TimeField(null=True)
    budget = DecimalField(max_digits=12, decimal_places=2, null=True)
    country = ForeignKey(Country, DO_NOTHING, related_name="clubs", db_column="country_code")

    class Meta:
        managed = False
        db_table = "clubs"


class Membership(Model):
    person = ForeignKey(Person, DO_NOTHING, related_name="memberships")
    club = ForeignKey(Club, DO_NOTHING, related_name="memberships")
    role = TextField(null=True)
    since = DateField(null=True)
    fee = DecimalField(max_digits=6, decimal_places=2)

    class Meta:
        managed = False
        db_table = "memberships"


class Friendship(Model):
    pk = CompositePrimaryKey("person_id", "friend_id")
    person = ForeignKey(Person, DO_NOTHING, related_name="friendships_as_person")
    friend = ForeignKey(Person, DO_NOTHING, related_name="friendships_as_friend")

    class Meta:
        managed = False
        db_table = "friendships"


class Comment(Model):
    body = TextField(null=True)
    likes = IntegerField(null=True)
    created_at = DateTimeField()
    post = ForeignKey(Post, DO_NOTHING, related_name="comments")
    author = ForeignKey(Person, DO_NOTHING, related_name="comments", null=True)
    reply_to = ForeignKey("self", DO_NOTHING, related_name="comments", null=True)

    class Meta:
        managed = False
        db_table = "comments"


class Event(Model):
    uid = UUIDField(unique=True)
    label = TextField(null=True)
    meta = JSONField(null=True)
    hits = IntegerField()
    small = IntegerField(null=True)
    ratio = FloatField(null=True)
    amount = DecimalField(max_digits=12, decimal_places=3, null=True)
    flag = BooleanField(null=True)
    day = DateField(null=True)
    clock = TimeField(null=True)
    opens_at = DateTimeField(null=True)
    closes_at = DateTimeField(null=True)
    host = ForeignKey(Person, DO_NOTHING, related_name="events", null=True)
    club = ForeignKey(Club, DO_NOTHING, related_name="events", null=True)
    post = OneToOneField(Post, DO_NOTHING, related_name="event", null=True)

    class Meta:
        managed = False
        db_table = "events"
