"""The databases of Django's documentation, in plain SQL: blogs and entries, books and publishers, clients, …

Invariant: each world has the tables of one page of that documentation under the names that noormme's rules
turn into the same fields and relations, and the rows below are all that there is.
"""

from __future__ import annotations

from pathlib import Path

import apsw

__all__ = ["WORLDS", "build"]

_BLOG = """
CREATE TABLE blogs (id INTEGER PRIMARY KEY, name TEXT NOT NULL, tagline TEXT NOT NULL);
CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT, email TEXT);
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    blog_id INTEGER NOT NULL REFERENCES blogs(id),
    headline TEXT NOT NULL,
    body_text TEXT NOT NULL,
    pub_date DATE NOT NULL,
    mod_date DATE NOT NULL,
    number_of_comments INTEGER NOT NULL,
    number_of_pingbacks INTEGER NOT NULL,
    rating INTEGER
);
CREATE TABLE entry_authors (
    entry_id INTEGER NOT NULL REFERENCES entries(id),
    author_id INTEGER NOT NULL REFERENCES authors(id),
    PRIMARY KEY (entry_id, author_id)
);
CREATE TABLE entry_details (
    id INTEGER PRIMARY KEY,
    entry_id INTEGER NOT NULL UNIQUE REFERENCES entries(id),
    details TEXT NOT NULL
);
INSERT INTO blogs VALUES
    (1, 'Beatles Blog', 'All the latest Beatles news.'),
    (2, 'Pop Music Blog', 'Charts and singles'),
    (3, 'Cheddar Talk', 'Thoughts on cheese.'),
    (4, 'Quiet Blog', '');
INSERT INTO authors VALUES
    (1, 'John', 'john@example.com'), (2, 'Paul', NULL), (3, 'Beatles Blog', 'team@example.com'),
    (4, 'Terry', 'terry@example.com'), (5, 'Joe', 'joe@example.com'), (6, NULL, 'someone@example.com');
INSERT INTO entries VALUES
    (1, 1, 'New Lennon Biography', 'A book.', '2008-06-01', '2008-06-02', 12, 3, 5),
    (2, 1, 'New Lennon Biography in Paperback', 'A book.', '2009-06-01', '2009-06-20', 4, 4, 4),
    (3, 2, 'Best Albums of 2008', 'A list.', '2008-12-15', '2009-01-15', 20, 5, 5),
    (4, 2, 'Lennon Would Have Loved Hip Hop', 'A thought.', '2020-04-01', '2020-04-01', 1, 2, 2),
    (5, 3, 'Cat bites dog', 'News.', '2005-01-03', '2005-01-03', 0, 0, NULL),
    (6, 3, 'What to eat: 50% cheese', 'About Food.', '2005-02-01', '2006-03-01', 8, 4, 1),
    (7, 3, 'What_is new', 'More news.', '2006-07-04', '2006-07-10', 3, 1, 5);
INSERT INTO entry_authors VALUES (1, 1), (1, 2), (1, 3), (2, 1), (3, 2), (5, 5), (6, 6);
INSERT INTO entry_details VALUES (1, 1, 'signed copies'), (2, 5, 'front page');
"""
"""Entries 4 and 7 have no author, blog 4 no entry, author 4 no entry; the author of entry 6 has no name."""

_BOOKS = """
CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER NOT NULL);
CREATE TABLE publishers (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE books (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    pages INTEGER NOT NULL,
    price DECIMAL(10, 2) NOT NULL,
    rating REAL NOT NULL,
    publisher_id INTEGER NOT NULL REFERENCES publishers(id),
    pubdate DATE NOT NULL
);
CREATE TABLE book_authors (
    book_id INTEGER NOT NULL REFERENCES books(id),
    author_id INTEGER NOT NULL REFERENCES authors(id),
    PRIMARY KEY (book_id, author_id)
);
CREATE TABLE stores (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE store_books (
    store_id INTEGER NOT NULL REFERENCES stores(id),
    book_id INTEGER NOT NULL REFERENCES books(id),
    PRIMARY KEY (store_id, book_id)
);
CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL, data INTEGER NOT NULL);
INSERT INTO authors VALUES
    (1, 'Adrian', 34), (2, 'Jacob', 35), (3, 'Brad', 45), (4, 'James', 29), (5, 'Adrian', 60), (6, 'Nobody', 20);
INSERT INTO publishers VALUES (1, 'A'), (2, 'B'), (3, 'C'), (4, 'BaloneyPress');
INSERT INTO books VALUES
    (1, 'Django Guide', 447, 30.5, 4, 1, '2007-12-06'),
    (2, 'Practical Django', 250, 29.75, 5, 1, '2008-06-23'),
    (3, 'Django for Pigs', 300, 29.75, 1, 2, '2008-03-03'),
    (4, 'Thinking Machines', 1132, 82.75, 4, 2, '1995-01-15'),
    (5, 'Python Web', 350, 20.25, 1, 3, '2008-11-03');
INSERT INTO book_authors VALUES (1, 1), (1, 2), (2, 4), (3, 3), (4, 5), (4, 3), (5, 4);
INSERT INTO stores VALUES (1, 'Amazon'), (2, 'Books.com'), (3, 'Corner');
INSERT INTO store_books VALUES (1, 1), (2, 1), (3, 1), (1, 4), (2, 5), (1, 2);
INSERT INTO items VALUES (1, 'a', 10), (2, 'b', 10), (3, 'c', 20), (4, 'c', 20);
"""
"""Publishers A, B and C have the ratings of the documentation's example: 4 and 5, 1 and 4, 1."""

_CLIENTS = """
CREATE TABLE clients (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    registered_on DATE NOT NULL,
    account_type TEXT NOT NULL
);
INSERT INTO clients VALUES
    (1, 'Jane Doe', '2014-11-25', 'R'),
    (2, 'James Smith', '2014-12-27', 'G'),
    (3, 'Jack Black', '2005-01-03', 'P'),
    (4, 'Jean Grey', '2015-01-01', 'R'),
    (5, 'James Bond', '2015-01-01', 'P'),
    (6, 'Jane Porter', '2015-01-01', 'P');
"""
"""As registered 36 days, 5 days and ten years before the first day of 2015, and on that day."""

_COMPANIES = """
CREATE TABLE companies (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    ticker TEXT,
    motto TEXT,
    description TEXT,
    num_employees INTEGER NOT NULL,
    num_chairs INTEGER NOT NULL,
    last_contacted DATETIME
);
CREATE TABLE products (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    company_id INTEGER NOT NULL REFERENCES companies(id)
);
CREATE TABLE employees (
    id INTEGER PRIMARY KEY,
    company_id INTEGER NOT NULL REFERENCES companies(id),
    salary INTEGER NOT NULL
);
CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT NOT NULL, length INTEGER NOT NULL, published_at DATETIME NOT NULL);
CREATE TABLE comments (
    id INTEGER PRIMARY KEY,
    post_id INTEGER NOT NULL REFERENCES posts(id),
    email TEXT NOT NULL,
    length INTEGER NOT NULL,
    created_at DATETIME NOT NULL
);
INSERT INTO companies VALUES
    (1, 'Apple', 'AAPL', NULL, 'Fruit', 120, 50, '2024-01-05 09:30:00'),
    (2, 'Django Software Foundation', NULL, NULL, NULL, 2, 3, NULL),
    (3, 'Google', 'GOOG', 'Do No Evil', NULL, 40, 20, '2024-03-01 10:00:00'),
    (4, 'Yahoo', NULL, NULL, 'Internet Company', 41, 20, '2024-02-11 16:45:00');
INSERT INTO products VALUES (1, 'Phone', 1), (2, 'Watch', 1), (3, 'Search', 3);
INSERT INTO employees VALUES (1, 1, 11), (2, 1, 5), (3, 2, 10), (4, 4, 30);
INSERT INTO posts VALUES
    (1, 'Old', 100, '2024-01-01 08:00:00'),
    (2, 'New', 30, '2024-01-09 12:00:00'),
    (3, 'Newest', 40, '2024-01-10 07:00:00');
INSERT INTO comments VALUES
    (1, 1, 'ann@example.com', 20, '2024-01-02 10:00:00'),
    (2, 1, 'bob@example.com', 30, '2024-01-03 10:00:00'),
    (3, 2, 'cleo@example.com', 25, '2024-01-09 13:00:00'),
    (4, 2, 'ann@example.com', 15, '2024-01-10 06:00:00');
"""

_MOVIES = """
CREATE TABLE movies (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    studio TEXT NOT NULL,
    genre TEXT NOT NULL,
    released DATE NOT NULL,
    month INTEGER NOT NULL,
    rating REAL NOT NULL
);
CREATE TABLE employees (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    department TEXT NOT NULL,
    salary INTEGER NOT NULL,
    hire_date DATE NOT NULL
);
INSERT INTO movies VALUES
    (1, 'One', 'Acme', 'drama', '2001-02-01', 14, 6.0),
    (2, 'Two', 'Acme', 'drama', '2001-09-01', 21, 8.0),
    (3, 'Three', 'Acme', 'drama', '2002-05-01', 29, 4.0),
    (4, 'Four', 'Acme', 'drama', '2004-01-01', 49, 10.0),
    (5, 'Five', 'Acme', 'comedy', '2001-03-01', 15, 5.0),
    (6, 'Six', 'Peak', 'drama', '2001-04-01', 16, 9.0);
INSERT INTO employees VALUES
    (1, 'Jones', 'Accounting', 45000, '2005-11-01'),
    (2, 'Williams', 'Accounting', 37000, '2009-06-01'),
    (3, 'Jenson', 'Accounting', 45000, '2008-04-01'),
    (4, 'Adams', 'Accounting', 50000, '2013-07-01'),
    (5, 'Smith', 'Sales', 55000, '2007-06-01'),
    (6, 'Brown', 'Sales', 53000, '2009-09-01'),
    (7, 'Johnson', 'Marketing', 40000, '2012-03-01');
"""

_DOGS = """
CREATE TABLE dogs (id INTEGER PRIMARY KEY, name TEXT NOT NULL, data JSON);
INSERT INTO dogs VALUES
    (1, 'Max', NULL),
    (2, 'Archie', 'null'),
    (3, 'Rufus', '{"breed":"labrador","owner":{"name":"Bob","other_pets":[{"name":"Fishy"}]}}'),
    (4, 'Meg', '{"breed":"collie","owner":null}'),
    (5, 'Shep', '{"breed":"collie"}'),
    (6, 'Merry', '{"breed":"pekingese","tricks":["fetch","dance"]}'),
    (7, 'Fred', '{}'),
    (8, 'Bess', '{"breed":"collie","owner":"Bob"}');
"""

_PIZZAS = """
CREATE TABLE toppings (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE pizzas (id INTEGER PRIMARY KEY, name TEXT NOT NULL, vegetarian BOOLEAN NOT NULL);
CREATE TABLE pizza_toppings (
    pizza_id INTEGER NOT NULL REFERENCES pizzas(id),
    topping_id INTEGER NOT NULL REFERENCES toppings(id),
    PRIMARY KEY (pizza_id, topping_id)
);
CREATE TABLE restaurants (id INTEGER PRIMARY KEY, name TEXT NOT NULL, best_pizza_id INTEGER REFERENCES pizzas(id));
CREATE TABLE menus (
    restaurant_id INTEGER NOT NULL REFERENCES restaurants(id),
    pizza_id INTEGER NOT NULL REFERENCES pizzas(id),
    PRIMARY KEY (restaurant_id, pizza_id)
);
INSERT INTO toppings VALUES (1, 'ham'), (2, 'pineapple'), (3, 'prawns'), (4, 'smoked salmon'), (5, 'basil');
INSERT INTO pizzas VALUES (1, 'Hawaiian', 0), (2, 'Seafood', 0), (3, 'Margherita', 1);
INSERT INTO pizza_toppings VALUES (1, 1), (1, 2), (2, 3), (2, 4), (3, 5);
INSERT INTO restaurants VALUES (1, 'Angelo', 3), (2, 'Da Mario', 1), (3, 'Empty Oven', NULL);
INSERT INTO menus VALUES (1, 2), (1, 3), (2, 1), (2, 2);
"""

_NEWS = """
CREATE TABLE reporters (id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL, email TEXT NOT NULL);
CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    headline TEXT NOT NULL,
    pub_date DATE NOT NULL,
    reporter_id INTEGER NOT NULL REFERENCES reporters(id)
);
CREATE TABLE publications (id INTEGER PRIMARY KEY, title TEXT NOT NULL);
CREATE TABLE article_publications (
    article_id INTEGER NOT NULL REFERENCES articles(id),
    publication_id INTEGER NOT NULL REFERENCES publications(id),
    PRIMARY KEY (article_id, publication_id)
);
CREATE TABLE places (id INTEGER PRIMARY KEY, name TEXT NOT NULL, address TEXT NOT NULL);
CREATE TABLE restaurants (
    place_id INTEGER PRIMARY KEY REFERENCES places(id),
    serves_hot_dogs BOOLEAN NOT NULL,
    serves_pizza BOOLEAN NOT NULL
);
CREATE TABLE waiters (
    id INTEGER PRIMARY KEY,
    restaurant_id INTEGER NOT NULL REFERENCES restaurants(place_id),
    name TEXT NOT NULL
);
INSERT INTO reporters VALUES (1, 'John', 'Smith', 'john@example.com'), (2, 'Paul', 'Jones', 'paul@example.com');
INSERT INTO articles VALUES
    (1, 'This is a test', '2005-07-27', 1),
    (2, 'John again: NASA uses Python', '2005-07-29', 1),
    (3, 'Paul on NASA', '2006-01-17', 2),
    (4, 'This too', '2006-02-01', 1);
INSERT INTO publications VALUES (1, 'The Python Journal'), (2, 'Science News'), (3, 'Science Weekly'), (4, 'Highlights');
INSERT INTO article_publications VALUES (1, 1), (2, 1), (2, 2), (2, 3), (3, 2);
INSERT INTO places VALUES (1, 'Demon Dogs', '944 W. Fullerton'), (2, 'Ace Hardware', '1013 N. Ashland');
INSERT INTO restaurants VALUES (1, 1, 0);
INSERT INTO waiters VALUES (1, 1, 'Joe');
"""

_FUNCTIONS = """
CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER, alias TEXT, goes_by TEXT);
CREATE TABLE experiments (
    id INTEGER PRIMARY KEY,
    start_datetime DATETIME NOT NULL,
    start_date DATE,
    start_time TIME,
    end_datetime DATETIME,
    end_date DATE,
    end_time TIME
);
CREATE TABLE vectors (id INTEGER PRIMARY KEY, x REAL NOT NULL, y REAL NOT NULL);
INSERT INTO authors VALUES
    (1, 'Margaret Smith', 25, NULL, 'Maggie'),
    (2, 'John Doe', NULL, 'jdoe', NULL),
    (3, 'john', 40, NULL, NULL),
    (4, 'John', 33, '  x  ', 'Al');
INSERT INTO experiments VALUES
    (1, '2015-06-15 23:30:01.000321', '2015-06-15', '23:30:01', '2015-06-16 13:11:27', '2015-06-16', '13:11:27'),
    (2, '2015-06-15 14:40:02.000123', '2015-06-15', '14:40:02', NULL, NULL, NULL),
    (3, '2014-12-31 17:05:27.000999', '2014-12-31', '17:05:27', '2015-07-02 00:00:00', '2015-07-02', '00:00:00');
INSERT INTO vectors VALUES
    (1, -0.5, 1.1), (2, 0.5, -0.9), (3, 3.12, 6.987), (4, 2.5, 1.9), (5, 2.0, 4.0), (6, 5.4, -2.37), (7, 12.0, 1.0);
"""

WORLDS = {
    "blog": _BLOG,
    "books": _BOOKS,
    "clients": _CLIENTS,
    "companies": _COMPANIES,
    "movies": _MOVIES,
    "dogs": _DOGS,
    "pizzas": _PIZZAS,
    "news": _NEWS,
    "functions": _FUNCTIONS,
}
"""The worlds by name, each as the script that makes it."""


def build(folder: Path) -> dict[str, Path]:
    """Write every world to a file of its own.

    Args:
        folder: Where to write them.
    """
    paths: dict[str, Path] = {}
    for name, script in WORLDS.items():
        paths[name] = folder / f"{name}.db"
        connection = apsw.Connection(str(paths[name]))
        connection.execute("BEGIN;" + script + "COMMIT")
        connection.close()
    return paths
