-- 001 groups of objects
SELECT [people].…, COUNT_BIG([posts].[id]) AS [COUNT_BIG_1] FROM [people] LEFT OUTER JOIN [posts] ON [posts].[author_id] = [people].[id] GROUP BY [people].… ORDER BY COUNT_BIG([posts].[id]) ASC, [people].[name] ASC

-- 002 groups of joined objects
SELECT [posts].…, [people].…, COUNT_BIG([post_tags].[tag_id]) AS [COUNT_BIG_1] FROM [posts] LEFT OUTER JOIN [post_tags] ON [post_tags].[post_id] = [posts].[id] LEFT OUTER JOIN [people] ON [people].[id] = [posts].[author_id] GROUP BY [posts].…, [people].…

-- 003 groups and HAVING of a column of its own
SELECT [people].[id] FROM [people] LEFT OUTER JOIN [posts] ON [posts].[author_id] = [people].[id] GROUP BY [people].[id], [people].[name] HAVING COUNT_BIG([posts].[id]) > @P1 OR [people].[name] = @P2
--   @P1 = 1, @P2 = 'Ann'

-- 004 groups by a constant
SELECT @P1 AS anon_1, COUNT_BIG([people].[id]) AS [COUNT_BIG_1] FROM [people]
--   @P1 = 1

-- 005 groups by a condition
SELECT CASE WHEN [people].[age] > @P1 THEN 1 WHEN NOT ([people].[age] > @P1) THEN 0 END AS anon_1, COUNT_BIG([people].[id]) AS [COUNT_BIG_1] FROM [people] GROUP BY CASE WHEN [people].[age] > @P1 THEN 1 WHEN NOT ([people].[age] > @P1) THEN 0 END ORDER BY CASE WHEN [people].[age] > @P1 THEN 1 WHEN NOT ([people].[age] > @P1) THEN 0 END ASC
--   @P1 = 18

-- 006 groups by a CASE with values
SELECT CASE WHEN ([people].[age] > @P1) THEN @P2 ELSE @P3 END AS anon_1, COUNT_BIG([people].[id]) AS [COUNT_BIG_1] FROM [people] GROUP BY CASE WHEN ([people].[age] > @P1) THEN @P2 ELSE @P3 END
--   @P1 = 18, @P2 = 'a', @P3 = 'b'

-- 007 groups beside a subquery
SELECT [people].…, (SELECT TOP (@P1) [posts].[title] FROM [posts] WHERE [posts].[author_id] = [people].[id] ORDER BY [posts].[id] DESC) AS anon_1, COUNT_BIG([posts_2].[id]) AS [COUNT_BIG_1] FROM [people] LEFT OUTER JOIN [posts] AS [posts_2] ON [posts_2].[author_id] = [people].[id] GROUP BY [people].…
--   @P1 = 1

-- 008 groups by a subquery
-- SQL Server groups by no subquery, and by no part of JSON; group in Python, or by a plain field; a text in JSON is KT('field__key')

-- 009 groups by a part of JSON
-- SQL Server groups by no subquery, and by no part of JSON; group in Python, or by a plain field; a text in JSON is KT('field__key')

-- 010 an aggregate of a subquery
-- SQL Server computes no count() of what a subquery gives; aggregate a query that has the subquery as an annotation, or count in Python

-- 011 the greatest of booleans
SELECT MAX(CAST([people].[is_active] AS INT)) AS [MAX_1], MIN(CAST([people].[is_active] AS INT)) AS [MIN_1] FROM [people]

-- 012 a field compared with itself
SELECT [people].[id] FROM [people] WHERE NOT ([people].[is_active] = [people].[is_active])

-- 013 a condition selected
SELECT CASE WHEN [people].[name] = @P1 AND NOT ([people].[age] IS NULL) THEN 1 WHEN NOT ([people].[name] = @P1 AND NOT ([people].[age] IS NULL)) THEN 0 END AS anon_1 FROM [people]
--   @P1 = 'Ann'

-- 014 EXISTS selected
SELECT CASE WHEN EXISTS (SELECT 1 FROM [posts] WHERE [posts].[author_id] = [people].[id]) THEN 1 ELSE 0 END AS anon_1 FROM [people]

-- 015 EXISTS compared
SELECT [people].[id] FROM [people] WHERE (CASE WHEN EXISTS (SELECT 1 FROM [posts] WHERE [posts].[author_id] = [people].[id]) THEN 1 ELSE 0 END) = @P1
--   @P1 = False

-- 016 EXISTS of a limited query
SELECT [people].[id] FROM [people] WHERE EXISTS (SELECT [posts].[id] AS c0, [posts].[title] AS c1, [posts].[rating] AS c2, [posts].[author_id] AS c3 FROM [posts] WHERE [posts].[author_id] = [people].[id] ORDER BY [posts].[id] ASC OFFSET @P1 ROWS FETCH NEXT @P2 ROWS ONLY)
--   @P1 = 1, @P2 = 1

-- 017 signs that mean something in LIKE
SELECT [people].[id] FROM [people] WHERE [people].[name] LIKE @P1
--   @P1 = '%50[%][_][[]x]%'

-- 018 a text compared with a number of the row
SELECT [people].[id] FROM [people] WHERE [people].[name] = CAST([people].[age] AS NVARCHAR(MAX))

-- 019 a collation
SELECT [people].[id] FROM [people] WHERE ([people].[name] COLLATE Latin1_General_100_CI_AI) = @P1
--   @P1 = 'ann'

-- 020 a field of one byte a character
SELECT [customers].[id] FROM [customers] WHERE [customers].[code] = @P1
--   @P1 = 'a1'

-- 021 the beginning of one
SELECT [customers].[id] FROM [customers] WHERE [customers].[code] LIKE @P1
--   @P1 = 'é%'

-- 022 hidden columns
SELECT [customers].[id] FROM [customers] WHERE [customers].[valid_from] > @P1
--   @P1 = datetime.datetime(2024, 1, 1, 0, 0)

-- 023 a view
SELECT [sales].[order_totals].[customer_id], [sales].[order_totals].[total] FROM [sales].[order_totals] WHERE [sales].[order_totals].[total] > @P1
--   @P1 = Decimal('5')

-- 024 a table without a key
SELECT [log].… FROM [log] WHERE [log].[line] IS NOT NULL
