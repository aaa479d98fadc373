-- 001 function CumeDist
SELECT (cume_dist() OVER (ORDER BY [posts].[author_id] ASC)) AS anon_1 FROM [posts] WHERE [posts].[id] <= @P1 ORDER BY [posts].[id] ASC
--   @P1 = 2

-- 002 function DenseRank
SELECT (dense_rank() OVER (ORDER BY [posts].[author_id] ASC)) AS anon_1 FROM [posts] WHERE [posts].[id] <= @P1 ORDER BY [posts].[id] ASC
--   @P1 = 2

-- 003 function Rank
SELECT (rank() OVER (ORDER BY [posts].[author_id] ASC)) AS anon_1 FROM [posts] WHERE [posts].[id] <= @P1 ORDER BY [posts].[id] ASC
--   @P1 = 2

-- 004 function PercentRank
SELECT (percent_rank() OVER (ORDER BY [posts].[author_id] ASC)) AS anon_1 FROM [posts] WHERE [posts].[id] <= @P1 ORDER BY [posts].[id] ASC
--   @P1 = 2

-- 005 function RowNumber
SELECT (row_number() OVER (PARTITION BY [posts].[author_id] ORDER BY [posts].[id] DESC)) AS anon_1 FROM [posts] WHERE [posts].[id] <= @P1 ORDER BY [posts].[id] ASC
--   @P1 = 2

-- 006 function FirstValue
SELECT (first_value([posts].[title]) OVER (PARTITION BY [posts].[author_id] ORDER BY [posts].[id] DESC)) AS anon_1 FROM [posts] WHERE [posts].[id] <= @P1 ORDER BY [posts].[id] ASC
--   @P1 = 2

-- 007 function LastValue
SELECT (last_value([posts].[title]) OVER (ORDER BY [posts].[author_id] ASC)) AS anon_1 FROM [posts] WHERE [posts].[id] <= @P1 ORDER BY [posts].[id] ASC
--   @P1 = 2

-- 008 function Lag
SELECT (LAG([posts].[id], CAST(@P1 AS INT)) OVER (ORDER BY [posts].[id] ASC)) AS anon_1 FROM [posts] ORDER BY [posts].[id] ASC
--   @P1 = 1

-- 009 function Lag
SELECT (LAG([posts].[id], CAST(@P1 AS INT), @P2) OVER (ORDER BY [posts].[id] ASC)) AS anon_1 FROM [posts] ORDER BY [posts].[id] ASC
--   @P1 = 1, @P2 = 0

-- 010 function Lead
SELECT (LEAD([posts].[title], CAST(@P1 AS INT)) OVER (ORDER BY [posts].[id] ASC)) AS anon_1 FROM [posts] ORDER BY [posts].[id] ASC
--   @P1 = 1

-- 011 function NthValue
-- SQL Server has no NTH_VALUE; use FirstValue, LastValue, or number rows in a subquery

-- 012 function Ntile
SELECT (ntile(@P1) OVER (ORDER BY [posts].[id] ASC)) AS anon_1 FROM [posts] ORDER BY [posts].[id] ASC
--   @P1 = 2
