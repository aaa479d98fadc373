-- 001 method select_for_update
SELECT [people].… FROM [people] WITH (UPDLOCK, ROWLOCK) WHERE [people].[id] = @P1
--   @P1 = 1

-- 002 method union
SELECT [people].… FROM [people] WHERE [people].[id] <= @P1 UNION SELECT [people].… FROM [people] WHERE [people].[is_active] = @P2 ORDER BY 1 ASC
--   @P1 = 1, @P2 = False

-- 003 method union
SELECT [people].[name] FROM [people] WHERE [people].[id] <= @P1 UNION SELECT [tags].[name] FROM [tags] ORDER BY 1 ASC
--   @P1 = 1

-- 004 method union
SELECT [people].… FROM [people] WHERE [people].[id] <= @P1 UNION ALL SELECT [people].… FROM [people] WHERE [people].[id] = @P2 ORDER BY 1 ASC
--   @P1 = 1, @P2 = 1

-- 005 method union
SELECT count(*) AS count_1 FROM (SELECT [people].[id] AS c0, [people].[name] AS c1, [people].[email] AS c2, [people].[age] AS c3, [people].[height] AS c4, [people].[balance] AS c5, [people].[is_active] AS c6, [people].[born] AS c7, [people].[joined] AS c8, [people].[wakes] AS c9, [people].[meta] AS c10 FROM [people] WHERE [people].[id] <= @P1 UNION SELECT [people].[id] AS c0, [people].[name] AS c1, [people].[email] AS c2, [people].[age] AS c3, [people].[height] AS c4, [people].[balance] AS c5, [people].[is_active] AS c6, [people].[born] AS c7, [people].[joined] AS c8, [people].[wakes] AS c9, [people].[meta] AS c10 FROM [people] WHERE [people].[is_active] = @P2) AS counted
--   @P1 = 1, @P2 = False

-- 006 method intersection
SELECT [people].… FROM [people] WHERE [people].[id] <= @P1 INTERSECT SELECT [people].… FROM [people] WHERE [people].[is_active] = @P2 ORDER BY 1 ASC
--   @P1 = 1, @P2 = True

-- 007 method difference
SELECT [people].… FROM [people] WHERE [people].[id] <= @P1 EXCEPT SELECT [people].… FROM [people] WHERE [people].[is_active] = @P2 ORDER BY 1 ASC
--   @P1 = 2, @P2 = True

-- 008 method dates
SELECT DISTINCT DATEADD(YEAR, DATEDIFF(YEAR, CAST(N'0001-01-01' AS DATE), [people].[born]), CAST(N'0001-01-01' AS DATE)) AS [DATEADD_1] FROM [people] WHERE [people].[id] <= @P1 AND DATEADD(YEAR, DATEDIFF(YEAR, CAST(N'0001-01-01' AS DATE), [people].[born]), CAST(N'0001-01-01' AS DATE)) IS NOT NULL ORDER BY DATEADD(YEAR, DATEDIFF(YEAR, CAST(N'0001-01-01' AS DATE), [people].[born]), CAST(N'0001-01-01' AS DATE)) ASC
--   @P1 = 1

-- 009 method dates
SELECT DISTINCT DATEADD(MONTH, DATEDIFF(MONTH, CAST(N'0001-01-01' AS DATE), [people].[born]), CAST(N'0001-01-01' AS DATE)) AS [DATEADD_1] FROM [people] WHERE [people].[id] <= @P1 AND DATEADD(MONTH, DATEDIFF(MONTH, CAST(N'0001-01-01' AS DATE), [people].[born]), CAST(N'0001-01-01' AS DATE)) IS NOT NULL ORDER BY DATEADD(MONTH, DATEDIFF(MONTH, CAST(N'0001-01-01' AS DATE), [people].[born]), CAST(N'0001-01-01' AS DATE)) DESC
--   @P1 = 1

-- 010 method datetimes
SELECT DISTINCT CAST(DATEADD(MONTH, DATEDIFF(MONTH, CAST(N'0001-01-01' AS DATE), [people].[joined]), CAST(N'0001-01-01' AS DATE)) AS DATETIME2(6)) AS [DATEADD_1] FROM [people] WHERE [people].[id] <= @P1 AND CAST(DATEADD(MONTH, DATEDIFF(MONTH, CAST(N'0001-01-01' AS DATE), [people].[joined]), CAST(N'0001-01-01' AS DATE)) AS DATETIME2(6)) IS NOT NULL ORDER BY CAST(DATEADD(MONTH, DATEDIFF(MONTH, CAST(N'0001-01-01' AS DATE), [people].[joined]), CAST(N'0001-01-01' AS DATE)) AS DATETIME2(6)) ASC
--   @P1 = 1

-- 011 method datetimes
SELECT DISTINCT DATEADD(HOUR, DATEDIFF(HOUR, CAST(CAST([people].[joined] AS DATE) AS DATETIME2(6)), CAST([people].[joined] AS DATETIME2(6))), CAST(CAST([people].[joined] AS DATE) AS DATETIME2(6))) AS [DATEADD_1] FROM [people] WHERE [people].[id] <= @P1 AND DATEADD(HOUR, DATEDIFF(HOUR, CAST(CAST([people].[joined] AS DATE) AS DATETIME2(6)), CAST([people].[joined] AS DATETIME2(6))), CAST(CAST([people].[joined] AS DATE) AS DATETIME2(6))) IS NOT NULL ORDER BY DATEADD(HOUR, DATEDIFF(HOUR, CAST(CAST([people].[joined] AS DATE) AS DATETIME2(6)), CAST([people].[joined] AS DATETIME2(6))), CAST(CAST([people].[joined] AS DATE) AS DATETIME2(6))) DESC
--   @P1 = 1

-- 012 method FilteredRelation
SELECT [people].[id], [posts].[title] FROM [people] LEFT OUTER JOIN [posts] ON [posts].[author_id] = [people].[id] AND [posts].[rating] >= @P1 ORDER BY [people].[id] ASC, [posts].[id] ASC
--   @P1 = 5

-- 013 method FilteredRelation
SELECT [people].[id] FROM [people] JOIN [posts] ON [posts].[author_id] = [people].[id] AND [posts].[rating] = @P1 WHERE [posts].[title] LIKE @P2 ORDER BY [people].[id] ASC
--   @P1 = 5, @P2 = 'F%'
