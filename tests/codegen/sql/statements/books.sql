-- name: all_books :many
SELECT * FROM books ORDER BY id;

-- name: count_books :scalar
SELECT COUNT(*) FROM books WHERE pages > :pages;

-- name: titles :column
-- param: word str
SELECT title FROM books WHERE title <> 'it''s "quoted" :no \ and
on two lines' AND LOWER(title) LIKE :word ORDER BY id;

-- name: latest :scalar
SELECT MAX(published) FROM books WHERE author_id = :author_id;

-- name: thick_books :many
-- column: share float?
SELECT id, pages > 100 AS thick, EXISTS (SELECT 1 FROM tags WHERE tags.book_id = books.id) AS tagged,
    pages * rating / 100 AS share, details
FROM books
ORDER BY id;
