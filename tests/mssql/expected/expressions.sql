-- 001 expression F
SELECT [people].[id] FROM [people] JOIN [profiles] ON [profiles].[person_id] = [people].[id] WHERE [people].[id] <= @P1 AND [profiles].[id] = [people].[id] ORDER BY [people].[id] ASC
--   @P1 = 1

-- 002 expression F
SELECT [posts].[id] FROM [posts] JOIN [people] ON [people].[id] = [posts].[author_id] WHERE [people].[age] > ([posts].[rating] * @P1) ORDER BY [posts].[id] ASC
--   @P1 = 2

-- 003 expression Q, expression |
SELECT [people].[id] FROM [people] WHERE [people].[name] = @P1 OR [people].[age] IS NULL ORDER BY [people].[id] ASC
--   @P1 = 'Ann'

-- 004 expression &
SELECT [people].[id] FROM [people] WHERE [people].[id] <= @P1 AND [people].[is_active] = @P2 ORDER BY [people].[id] ASC
--   @P1 = 1, @P2 = True

-- 005 expression ^
SELECT [people].[id] FROM [people] WHERE (CASE WHEN ([people].[id] <= @P1) THEN 1 ELSE 0 END + CASE WHEN ([people].[is_active] = @P2) THEN 1 ELSE 0 END) % 2 = 1 ORDER BY [people].[id] ASC
--   @P1 = 1, @P2 = True

-- 006 expression ~
SELECT [people].[id] FROM [people] WHERE NOT ([people].[age] = @P1 AND [people].[age] IS NOT NULL) ORDER BY [people].[id] ASC
--   @P1 = 17

-- 007 expression ~
SELECT [people].[id] FROM [people] WHERE NOT (EXISTS (SELECT 1 FROM [posts] WHERE [posts].[author_id] = [people].[id] AND ([posts].[title] LIKE @P1))) ORDER BY [people].[id] ASC
--   @P1 = 'T%'

-- 008 expression Value
SELECT @P1 AS anon_1 FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 'here'

-- 009 expression Value
SELECT @P1 AS anon_1 FROM [people] WHERE [people].[id] = @P2
--   @P1 = datetime.date(2024, 1, 1), @P2 = 1

-- 010 expression Func
SELECT REPLACE([people].[name], @P1, @P2) AS [REPLACE_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 'n', @P2 = '-'

-- 011 expression Case, expression When
SELECT CASE WHEN ([people].[age] < @P1) THEN @P2 WHEN ([people].[age] IS NULL) THEN @P3 ELSE @P4 END AS anon_1 FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 18, @P2 = 'minor', @P3 = '?', @P4 = 'adult'

-- 012 expression Case, expression When
SELECT [people].[id] FROM [people] WHERE [people].[id] = CASE WHEN ([people].[is_active] = @P1) THEN @P2 ELSE @P3 END ORDER BY [people].[id] ASC
--   @P1 = True, @P2 = 1, @P3 = 3

-- 013 expression Subquery, expression OuterRef
SELECT (SELECT TOP (@P1) [posts].[title] FROM [posts] WHERE [posts].[author_id] = [people].[id] AND [posts].[rating] >= @P2 ORDER BY [posts].[id] DESC) AS anon_1 FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 1, @P2 = 1

-- 014 expression Subquery
SELECT [posts].[id] FROM [posts] WHERE [posts].[author_id] IN (SELECT [people].[id] FROM [people] WHERE [people].[age] > @P1) ORDER BY [posts].[id] ASC
--   @P1 = 18

-- 015 expression Exists, expression OuterRef
SELECT [people].[id] FROM [people] WHERE EXISTS (SELECT 1 FROM [posts] WHERE [posts].[author_id] = [people].[id] AND [posts].[rating] = @P1) ORDER BY [people].[id] ASC
--   @P1 = 5

-- 016 expression Exists, expression ~
SELECT [people].[id] FROM [people] WHERE NOT (EXISTS (SELECT 1 FROM [posts] WHERE [posts].[author_id] = [people].[id] AND [posts].[rating] = @P1)) ORDER BY [people].[id] ASC
--   @P1 = 5

-- 017 expression Exists, expression ~
SELECT [people].[id] FROM [people] ORDER BY CASE WHEN NOT (EXISTS (SELECT 1 FROM [posts] WHERE [posts].[author_id] = [people].[id] AND [posts].[rating] = @P1)) THEN 1 ELSE 0 END DESC, CASE WHEN NOT ([people].[age] > @P2 AND [people].[age] IS NOT NULL) THEN 1 WHEN NOT (NOT ([people].[age] > @P2 AND [people].[age] IS NOT NULL)) THEN 0 END ASC, [people].[id] ASC
--   @P1 = 5, @P2 = 5

-- 018 expression OuterRef
SELECT [people].[id] FROM [people] WHERE EXISTS (SELECT 1 FROM [posts] WHERE (EXISTS (SELECT 1 FROM [tags] JOIN [post_tags] ON [post_tags].[tag_id] = [tags].[id] WHERE [tags].[name] = @P1 AND [post_tags].[post_id] = [posts].[id])) AND [posts].[author_id] = [people].[id]) ORDER BY [people].[id] ASC
--   @P1 = 'python'

-- 019 expression ExpressionWrapper
SELECT ([people].[age] + [people].[height]) AS anon_1 FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 1

-- 020 expression ExpressionWrapper
SELECT CASE WHEN [people].[age] > @P1 THEN 1 WHEN NOT ([people].[age] > @P1) THEN 0 END AS anon_1 FROM [people] WHERE [people].[age] IS NOT NULL ORDER BY [people].[id] ASC
--   @P1 = 18

-- 021 expression RawSQL
SELECT (2 * age + @P1) AS anon_1 FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 0

-- 022 expression RawSQL
SELECT [people].[id] FROM [people] WHERE [people].[id] IN (SELECT author_id FROM posts WHERE rating = @P1) ORDER BY [people].[id] ASC
--   @P1 = 5

-- 023 expression OrderBy
SELECT [people].[id] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[age] DESC
--   @P1 = 2

-- 024 expression nulls_first
SELECT [people].[id] FROM [people] WHERE [people].[id] <= @P1 ORDER BY CASE WHEN [people].[age] IS NULL THEN 0 ELSE 1 END, [people].[age] DESC
--   @P1 = 2

-- 025 expression nulls_last
SELECT [people].[id] FROM [people] WHERE [people].[id] <= @P1 ORDER BY CASE WHEN [people].[age] IS NULL THEN 1 ELSE 0 END, [people].[age] ASC
--   @P1 = 2

-- 026 expression Window
SELECT (SUM(CAST([people].[age] AS BIGINT)) OVER (PARTITION BY [people].[is_active] ORDER BY [people].[id] ASC)) AS anon_1 FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 027 expression Window
SELECT windowed.c0 FROM (SELECT [people].[id] AS c0, [people].[id] AS o0, CASE WHEN (MAX([people].[age]) OVER (PARTITION BY [people].[is_active])) > ([people].[age] + @P1) THEN 1 WHEN NOT ((MAX([people].[age]) OVER (PARTITION BY [people].[is_active])) > ([people].[age] + @P1)) THEN 0 END AS kept FROM [people]) AS windowed WHERE windowed.kept = 1 ORDER BY windowed.o0 ASC
--   @P1 = 1

-- 028 expression RowRange
SELECT (SUM(CAST([posts].[id] AS BIGINT)) OVER (ORDER BY [posts].[id] ASC ROWS BETWEEN @P1 PRECEDING AND CURRENT ROW)) AS anon_1 FROM [posts] ORDER BY [posts].[id] ASC
--   @P1 = 1

-- 029 expression RowRange
SELECT (SUM(CAST([posts].[id] AS BIGINT)) OVER (ORDER BY [posts].[id] ASC ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)) AS anon_1 FROM [posts] WHERE [posts].[id] <= @P1 ORDER BY [posts].[id] ASC
--   @P1 = 2

-- 030 expression ValueRange
-- SQL Server has no frames of a range of values; use RowRange

-- 031 expression GroupRange
-- SQL Server has no frames of groups; use RowRange
