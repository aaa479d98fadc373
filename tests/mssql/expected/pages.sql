-- 001 a page in no order
SELECT [people].[id] FROM [people] ORDER BY (SELECT NULL) OFFSET @P1 ROWS FETCH NEXT @P2 ROWS ONLY
--   @P1 = 2, @P2 = 2

-- 002 a page of distinct rows in no order
SELECT DISTINCT [people].[age] FROM [people] ORDER BY 1 OFFSET @P1 ROWS FETCH NEXT @P2 ROWS ONLY
--   @P1 = 1, @P2 = 2

-- 003 an offset alone
SELECT [people].[id] FROM [people] ORDER BY [people].[id] ASC OFFSET @P1 ROWS
--   @P1 = 2

-- 004 the first distinct rows
SELECT DISTINCT TOP (@P1) [posts].[author_id] FROM [posts] ORDER BY [posts].[author_id] ASC
--   @P1 = 2

-- 005 a limit of a union
SELECT [people].[name] FROM [people] UNION SELECT [tags].[name] FROM [tags] ORDER BY 1 OFFSET 0 ROWS FETCH NEXT @P1 ROWS ONLY
--   @P1 = 2

-- 006 a page of a union in an order
SELECT [people].[name] FROM [people] UNION SELECT [tags].[name] FROM [tags] ORDER BY 1 ASC OFFSET @P1 ROWS FETCH NEXT @P2 ROWS ONLY
--   @P1 = 1, @P2 = 2

-- 007 a union of limited parts
SELECT part.c0, part.c1, part.c2, part.c3, part.c4, part.c5, part.c6, part.c7, part.c8, part.c9, part.c10 FROM (SELECT TOP (@P1) [people].[id] AS c0, [people].[name] AS c1, [people].[email] AS c2, [people].[age] AS c3, [people].[height] AS c4, [people].[balance] AS c5, [people].[is_active] AS c6, [people].[born] AS c7, [people].[joined] AS c8, [people].[wakes] AS c9, [people].[meta] AS c10 FROM [people] ORDER BY [people].[id] ASC) AS part UNION SELECT part.c0, part.c1, part.c2, part.c3, part.c4, part.c5, part.c6, part.c7, part.c8, part.c9, part.c10 FROM (SELECT TOP (@P2) [people].[id] AS c0, [people].[name] AS c1, [people].[email] AS c2, [people].[age] AS c3, [people].[height] AS c4, [people].[balance] AS c5, [people].[is_active] AS c6, [people].[born] AS c7, [people].[joined] AS c8, [people].[wakes] AS c9, [people].[meta] AS c10 FROM [people] ORDER BY [people].[id] DESC) AS part
--   @P1 = 1, @P2 = 1

-- 008 a union in a subquery
SELECT [people].… FROM [people] WHERE [people].[id] IN (SELECT [people_2].[id] FROM [people] AS [people_2] WHERE [people_2].[id] = @P1 UNION SELECT [people_2].[id] FROM [people] AS [people_2] WHERE [people_2].[id] = @P2)
--   @P1 = 1, @P2 = 2

-- 009 a count of a slice
SELECT count(*) AS count_1 FROM (SELECT TOP (@P1) [people].[id] AS c0, [people].[name] AS c1, [people].[email] AS c2, [people].[age] AS c3, [people].[height] AS c4, [people].[balance] AS c5, [people].[is_active] AS c6, [people].[born] AS c7, [people].[joined] AS c8, [people].[wakes] AS c9, [people].[meta] AS c10 FROM [people] ORDER BY [people].[id] ASC) AS counted
--   @P1 = 2

-- 010 whether a slice has rows
SELECT TOP (1) 1 FROM (SELECT [people].[id] AS c0, [people].[name] AS c1, [people].[email] AS c2, [people].[age] AS c3, [people].[height] AS c4, [people].[balance] AS c5, [people].[is_active] AS c6, [people].[born] AS c7, [people].[joined] AS c8, [people].[wakes] AS c9, [people].[meta] AS c10 FROM [people] ORDER BY [people].[id] ASC OFFSET @P1 ROWS FETCH NEXT @P2 ROWS ONLY) AS found
--   @P1 = 1, @P2 = 2

-- 011 an aggregate of a slice
SELECT SUM(CAST(rows.a0 AS BIGINT)) AS [SUM_1] FROM (SELECT TOP (@P1) [people].[id] AS c0, [people].[name] AS c1, [people].[email] AS c2, [people].[age] AS c3, [people].[height] AS c4, [people].[balance] AS c5, [people].[is_active] AS c6, [people].[born] AS c7, [people].[joined] AS c8, [people].[wakes] AS c9, [people].[meta] AS c10, [people].[age] AS a0 FROM [people] ORDER BY [people].[id] ASC) AS rows
--   @P1 = 2

-- 012 an aggregate of distinct rows
SELECT COUNT_BIG(rows.a0) AS [COUNT_BIG_1] FROM (SELECT DISTINCT [people].[age] AS c0, [people].[age] AS a0 FROM [people]) AS rows

-- 013 in a limited subquery
SELECT [posts].… FROM [posts] WHERE [posts].[author_id] IN (SELECT TOP (@P1) [people].[id] FROM [people] ORDER BY [people].[age] DESC)
--   @P1 = 2

-- 014 the order twice
SELECT [people].[id] FROM [people] ORDER BY [people].[name] ASC, [people].[id] ASC

-- 015 the order of a value
SELECT [people].[id] FROM [people] ORDER BY (SELECT @P1), [people].[id] ASC
--   @P1 = 1

-- 016 a random order
SELECT [people].[id] FROM [people] ORDER BY NEWID()

-- 017 NULLs first in a descending order
SELECT [people].[id] FROM [people] ORDER BY CASE WHEN [people].[age] IS NULL THEN 0 ELSE 1 END, [people].[age] DESC

-- 018 NULLs last in a descending order, as they are
SELECT [people].[id] FROM [people] ORDER BY [people].[age] DESC

-- 019 NULLs last in a union
-- SQL Server cannot put NULLs last in the order of a set operation; sort by a column that has no NULL, or sort in Python

-- 020 NULLs last of distinct rows
-- SQL Server sorts DISTINCT rows by what is selected, which says not where NULLs stand; leave out nulls_first and nulls_last, or sort in Python

-- 021 a page behind a cursor
SELECT TOP (@P1) [people].… FROM [people] ORDER BY [people].[age] ASC, [people].[id] ASC
--   @P1 = 3

-- 022 some of each parent
SELECT [people].… FROM [people]
SELECT numbered.c0, numbered.c1, numbered.c2, numbered.c3 FROM (SELECT [posts].[id] AS c0, [posts].[title] AS c1, [posts].[rating] AS c2, [posts].[author_id] AS c3, row_number() OVER (PARTITION BY [posts].[author_id] ORDER BY [posts].[id] DESC) AS row_number FROM [posts] WHERE [posts].[author_id] IN (SELECT v FROM OPENJSON( @P1 ) WITH (v BIGINT '$'))) AS numbered WHERE numbered.row_number <= @P2 ORDER BY numbered.row_number ASC
--   @P1 = '[1]', @P2 = 2

-- 023 rows chosen by a window
SELECT windowed.c0 FROM (SELECT [posts].[id] AS c0, [posts].[id] AS o0, CASE WHEN (row_number() OVER (PARTITION BY [posts].[author_id] ORDER BY [posts].[id] DESC)) = @P1 THEN 1 WHEN NOT ((row_number() OVER (PARTITION BY [posts].[author_id] ORDER BY [posts].[id] DESC)) = @P1) THEN 0 END AS kept FROM [posts]) AS windowed WHERE windowed.kept = 1 ORDER BY windowed.o0 ASC
--   @P1 = 1

-- 024 distinct rows chosen by a window
SELECT DISTINCT windowed.c0 FROM (SELECT [posts].[author_id] AS c0, [posts].[author_id] AS o0, CASE WHEN (rank() OVER (ORDER BY [posts].[rating] ASC)) <= @P1 THEN 1 WHEN NOT ((rank() OVER (ORDER BY [posts].[rating] ASC)) <= @P1) THEN 0 END AS kept FROM [posts]) AS windowed WHERE windowed.kept = 1 ORDER BY windowed.c0 ASC
--   @P1 = 2

-- 025 a window with no order
SELECT (row_number() OVER (ORDER BY (SELECT NULL))) AS anon_1 FROM [posts]

-- 026 a window with NULLs last
SELECT (LEAD([posts].[id], CAST(@P1 AS INT)) OVER (ORDER BY CASE WHEN [posts].[rating] IS NULL THEN 1 ELSE 0 END, [posts].[rating] ASC)) AS anon_1 FROM [posts]
--   @P1 = 1

-- 027 rows that are locked
SELECT [posts].…, [people].… FROM [posts] WITH (UPDLOCK, ROWLOCK, READPAST) LEFT OUTER JOIN [people] ON [people].[id] = [posts].[author_id] WHERE [posts].[id] = @P1
--   @P1 = 1

-- 028 rows that are locked or refused
SELECT [posts].… FROM [posts] WITH (UPDLOCK, ROWLOCK, NOWAIT) WHERE [posts].[id] = @P1
--   @P1 = 1
