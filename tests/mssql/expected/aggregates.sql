-- 001 aggregate Avg
SELECT AVG(CAST([people].[age] AS FLOAT)) AS [AVG_1], AVG([people].[balance]) AS [AVG_2] FROM [people] WHERE [people].[id] <= @P1
--   @P1 = 2

-- 002 aggregate Count
SELECT COUNT_BIG([posts].[rating]) AS [COUNT_BIG_1] FROM [posts] WHERE [posts].[id] <= @P1
--   @P1 = 2

-- 003 aggregate Count
SELECT COUNT_BIG(*) AS [COUNT_BIG_1] FROM [posts] WHERE [posts].[id] <= @P1
--   @P1 = 2

-- 004 aggregate Max
SELECT MAX([people].[born]) AS [MAX_1], MAX([people].[joined]) AS [MAX_2], MAX([people].[name]) AS [MAX_3] FROM [people] WHERE [people].[id] <= @P1
--   @P1 = 1

-- 005 aggregate Min
SELECT MIN([people].[born]) AS [MIN_1], MIN([people].[wakes]) AS [MIN_2], MIN([people].[balance]) AS [MIN_3] FROM [people] WHERE [people].[id] <= @P1
--   @P1 = 1

-- 006 aggregate Sum
SELECT SUM(CAST([people].[age] AS BIGINT)) AS [SUM_1], SUM([people].[height]) AS [SUM_2], SUM([people].[balance]) AS [SUM_3] FROM [people] WHERE [people].[id] <= @P1
--   @P1 = 2

-- 007 aggregate StdDev
SELECT STDEVP([people].[height]) AS [STDEVP_1] FROM [people] WHERE [people].[id] <= @P1
--   @P1 = 2

-- 008 aggregate StdDev
SELECT STDEV([people].[height]) AS [STDEV_1] FROM [people] WHERE [people].[id] <= @P1
--   @P1 = 1

-- 009 aggregate Variance
SELECT VARP([people].[height]) AS [VARP_1] FROM [people] WHERE [people].[id] <= @P1
--   @P1 = 2

-- 010 aggregate Variance
SELECT VAR([people].[height]) AS [VAR_1] FROM [people] WHERE [people].[id] <= @P1
--   @P1 = 1

-- 011 aggregate StringAgg
SELECT (STRING_AGG(CAST([people].[name] AS NVARCHAR(MAX)), @P1) WITHIN GROUP (ORDER BY [people].[id] ASC )) AS anon_1 FROM [people] WHERE [people].[id] <= @P2
--   @P1 = ', ', @P2 = 2

-- 012 aggregate StringAgg, aggregate order_by
SELECT (STRING_AGG(CAST([people].[name] AS NVARCHAR(MAX)), @P1) WITHIN GROUP (ORDER BY [people].[name] DESC )) AS anon_1 FROM [people]
--   @P1 = '-'

-- 013 aggregate AnyValue
SELECT [posts].[author_id], MAX([posts].[title]) AS [MAX_1] FROM [posts] WHERE [posts].[id] = @P1 GROUP BY [posts].[author_id]
--   @P1 = 1

-- 014 aggregate filter
SELECT COUNT_BIG(CASE WHEN ([posts].[rating] > @P1) THEN [posts].[id] END) AS [COUNT_BIG_1] FROM [posts] WHERE [posts].[id] <= @P2
--   @P1 = 2, @P2 = 2

-- 015 aggregate filter
SELECT [people].[id], COUNT_BIG(CASE WHEN ([posts].[rating] > @P1) THEN [posts].[id] END) AS [COUNT_BIG_1] FROM [people] LEFT OUTER JOIN [posts] ON [posts].[author_id] = [people].[id] GROUP BY [people].[id] ORDER BY [people].[id] ASC
--   @P1 = 2

-- 016 aggregate distinct
SELECT COUNT_BIG(DISTINCT [posts].[author_id]) AS [COUNT_BIG_1] FROM [posts] WHERE [posts].[id] <= @P1
--   @P1 = 2

-- 017 aggregate distinct
SELECT SUM(DISTINCT CAST([posts].[rating] AS BIGINT)) AS [SUM_1] FROM [posts] WHERE [posts].[id] <= @P1
--   @P1 = 3

-- 018 aggregate default
SELECT coalesce(SUM(CAST([posts].[rating] AS BIGINT)), @P1) AS coalesce_1 FROM [posts] WHERE [posts].[id] > @P2
--   @P1 = 0, @P2 = 100
