-- Statements for the tests of typed SQL; the module beside this folder is made of them.

-- Authors that are active, those with the most books first.
-- name: top_authors :many
-- Books count from ``since`` on.
SELECT a.id, a.name, COUNT(b.id) AS books, MAX(b.published) AS latest, SUM(b.price) AS earned
FROM authors AS a
LEFT JOIN books AS b ON b.author_id = a.id AND b.published >= :since
WHERE a.active = :active
GROUP BY a.id, a.name
ORDER BY books DESC, a.name
LIMIT :limit;

-- name: author_by_id :one
SELECT * FROM authors WHERE id = ?;

-- name: find_author :optional
SELECT id, name, email FROM authors WHERE email = :email;

-- name: active_authors :many
SELECT * FROM authors WHERE active = TRUE ORDER BY id;

-- name: add_author :exec
INSERT INTO authors (name, email, born) VALUES (:name, :email, :born);

-- name: rename_author :execrows
UPDATE authors SET name = :name WHERE name = :old;
