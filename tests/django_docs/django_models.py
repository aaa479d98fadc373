"""Django's models of the worlds, by hand: the other side of ``test_same_in_django``.

Invariant: a relation's name here is the one that noormme derives, so that the examples run on both sides.
Imported in Django's process only.
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
    Field,
    FloatField,
    ForeignKey,
    IntegerField,
    JSONField,
    ManyToManyField,
    Model,
    OneToOneField,
    TimeField,
)

__all__ = ["MODELS"]

MODELS: dict[str, dict[str, type[Model]]] = {}
"""The models of each world by the names of their managers."""


def model(world: str, table: str, **fields: Field | CompositePrimaryKey) -> type[Model]:  # type: ignore[type-arg]
    """A model of a table that exists.

    Args:
        world: The world that it belongs to.
        table: The table, and the name of its manager.
        **fields: Its fields, without the key ``id``.
    """
    meta = type("Meta", (), {"managed": False, "db_table": table, "app_label": "django_docs"})
    name = f"{world}_{table}".title().replace("_", "")
    made = type(name, (Model,), {"__module__": __name__, "Meta": meta, **fields})
    MODELS.setdefault(world, {})[table] = made
    return made


def key(target: type[Model], related_name: str, **options: object) -> ForeignKey:  # type: ignore[type-arg]
    """A foreign key."""
    return ForeignKey(target, DO_NOTHING, related_name=related_name, **options)


def many(target: type[Model], world: str, junction: str, related_name: str) -> ManyToManyField:  # type: ignore[type-arg]
    """A many-to-many relation over a junction table."""
    through = f"{world}_{junction}".title().replace("_", "")
    return ManyToManyField(target, through=through, related_name=related_name)


def text() -> CharField:  # type: ignore[type-arg]
    """A text that may be missing."""
    return CharField(null=True)


# -- blog
_blog = model("blog", "blogs", name=CharField(), tagline=CharField())
_author = model("blog", "authors", name=text(), email=text())
_entry = model(
    "blog",
    "entries",
    blog=key(_blog, "entries"),
    headline=CharField(),
    body_text=CharField(),
    pub_date=DateField(),
    mod_date=DateField(),
    authors=many(_author, "blog", "entry_authors", "entries"),
    number_of_comments=IntegerField(),
    number_of_pingbacks=IntegerField(),
    rating=IntegerField(null=True),
)
model(
    "blog",
    "entry_authors",
    pk=CompositePrimaryKey("entry_id", "author_id"),
    entry=key(_entry, "entry_authors"),
    author=key(_author, "entry_authors"),
)
model(
    "blog",
    "entry_details",
    entry=OneToOneField(_entry, DO_NOTHING, related_name="entry_detail"),
    details=CharField(),
)

# -- books
_writer = model("books", "authors", name=CharField(), age=IntegerField())
_publisher = model("books", "publishers", name=CharField())
_book = model(
    "books",
    "books",
    name=CharField(),
    pages=IntegerField(),
    price=DecimalField(max_digits=10, decimal_places=2),
    rating=FloatField(),
    authors=many(_writer, "books", "book_authors", "books"),
    publisher=key(_publisher, "books"),
    pubdate=DateField(),
)
model(
    "books",
    "book_authors",
    pk=CompositePrimaryKey("book_id", "author_id"),
    book=key(_book, "book_authors"),
    author=key(_writer, "book_authors"),
)
_store = model("books", "stores", name=CharField(), books=many(_book, "books", "store_books", "stores"))
model(
    "books",
    "store_books",
    pk=CompositePrimaryKey("store_id", "book_id"),
    store=key(_store, "store_books"),
    book=key(_book, "store_books"),
)
model("books", "items", name=CharField(), data=IntegerField())

# -- clients
model("clients", "clients", name=CharField(), registered_on=DateField(), account_type=CharField())

# -- companies
_company = model(
    "companies",
    "companies",
    name=CharField(),
    ticker=text(),
    motto=text(),
    description=text(),
    num_employees=IntegerField(),
    num_chairs=IntegerField(),
    last_contacted=DateTimeField(null=True),
)
model("companies", "products", name=CharField(), company=key(_company, "products"))
model("companies", "employees", company=key(_company, "employees"), salary=IntegerField())
_post = model("companies", "posts", title=CharField(), length=IntegerField(), published_at=DateTimeField())
model(
    "companies",
    "comments",
    post=key(_post, "comments"),
    email=CharField(),
    length=IntegerField(),
    created_at=DateTimeField(),
)

# -- movies
model(
    "movies",
    "movies",
    title=CharField(),
    studio=CharField(),
    genre=CharField(),
    released=DateField(),
    month=IntegerField(),
    rating=FloatField(),
)
model(
    "movies",
    "employees",
    name=CharField(),
    department=CharField(),
    salary=IntegerField(),
    hire_date=DateField(),
)

# -- dogs
model("dogs", "dogs", name=CharField(), data=JSONField(null=True))

# -- pizzas
_topping = model("pizzas", "toppings", name=CharField())
_pizza = model(
    "pizzas",
    "pizzas",
    name=CharField(),
    vegetarian=BooleanField(),
    toppings=many(_topping, "pizzas", "pizza_toppings", "pizzas"),
)
model(
    "pizzas",
    "pizza_toppings",
    pk=CompositePrimaryKey("pizza_id", "topping_id"),
    pizza=key(_pizza, "pizza_toppings"),
    topping=key(_topping, "pizza_toppings"),
)
_restaurant = model(
    "pizzas",
    "restaurants",
    name=CharField(),
    best_pizza=key(_pizza, "restaurants", null=True),
    pizzas=many(_pizza, "pizzas", "menus", "restaurants_via_menus"),
)
model(
    "pizzas",
    "menus",
    pk=CompositePrimaryKey("restaurant_id", "pizza_id"),
    restaurant=key(_restaurant, "menus"),
    pizza=key(_pizza, "menus"),
)

# -- news
_reporter = model("news", "reporters", first_name=CharField(), last_name=CharField(), email=CharField())
_publication = model("news", "publications", title=CharField())
_article = model(
    "news",
    "articles",
    headline=CharField(),
    pub_date=DateField(),
    reporter=key(_reporter, "articles"),
    publications=many(_publication, "news", "article_publications", "articles"),
)
model(
    "news",
    "article_publications",
    pk=CompositePrimaryKey("article_id", "publication_id"),
    article=key(_article, "article_publications"),
    publication=key(_publication, "article_publications"),
)
_place = model("news", "places", name=CharField(), address=CharField())
_served = model(
    "news",
    "restaurants",
    place=OneToOneField(_place, DO_NOTHING, related_name="restaurant", primary_key=True),
    serves_hot_dogs=BooleanField(),
    serves_pizza=BooleanField(),
)
model("news", "waiters", restaurant=key(_served, "waiters"), name=CharField())

# -- functions
model("functions", "authors", name=CharField(), age=IntegerField(null=True), alias=text(), goes_by=text())
model(
    "functions",
    "experiments",
    start_datetime=DateTimeField(),
    start_date=DateField(null=True),
    start_time=TimeField(null=True),
    end_datetime=DateTimeField(null=True),
    end_date=DateField(null=True),
    end_time=TimeField(null=True),
)
model("functions", "vectors", x=FloatField(), y=FloatField())
