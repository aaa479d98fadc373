-- 001 expression +
SELECT ([people].[age] + @P1) AS anon_1 FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 1

-- 002 expression +
SELECT DATEADD(MICROSECOND, (@P1 % 1000000), DATEADD(SECOND, ((@P1 / 1000000) % 86400), DATEADD(DAY, (@P1 / CAST(86400000000 AS BIGINT)), CAST([people].[born] AS DATETIME2(6))))) AS [DATEADD_1] FROM [people] WHERE [people].[id] <= @P2 ORDER BY [people].[id] ASC
--   @P1 = 86400000000, @P2 = 2

-- 003 expression -
SELECT (@P1 - [people].[age]) AS anon_1 FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 100

-- 004 expression -
SELECT DATEDIFF_BIG(MICROSECOND, [people].[joined], [people].[joined]) AS [DATEDIFF_BIG_1] FROM [people] WHERE [people].[id] < @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 005 expression *
SELECT ([people].[balance] * @P1) AS anon_1 FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 2

-- 006 expression /
SELECT ([people].[age] / NULLIF(@P1, 0)) AS anon_1 FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 2

-- 007 expression /
SELECT ([people].[height] / NULLIF(@P1, 0)) AS anon_1 FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 4.0

-- 008 expression %
SELECT ([people].[age] % NULLIF(@P1, 0)) AS anon_1 FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 10

-- 009 expression **
SELECT POWER(CAST([people].[age] AS FLOAT), @P1) AS [POWER_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 2

-- 010 expression negative
SELECT ([people].[age] * @P1) AS anon_1 FROM [people] WHERE [people].[id] <= @P2 ORDER BY [people].[id] ASC
--   @P1 = -1, @P2 = 2

-- 011 expression bitand
SELECT ([people].[age] & @P1) AS anon_1 FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 1

-- 012 expression bitor
SELECT ([people].[age] | @P1) AS anon_1 FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 1

-- 013 expression bitxor
SELECT ([people].[age] ^ @P1) AS anon_1 FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 1

-- 014 expression bitleftshift
SELECT ([people].[age] * POWER(CAST(2 AS BIGINT), @P1)) AS anon_1 FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 1

-- 015 expression bitrightshift
SELECT CAST(FLOOR(([people].[age] / POWER(CAST(2 AS FLOAT), @P1))) AS BIGINT) AS [FLOOR_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 1

-- 016 expression <
SELECT [people].[id] FROM [people] WHERE ([people].[age] + @P1) < @P2 ORDER BY [people].[id] ASC
--   @P1 = 1, @P2 = 20

-- 017 expression <=
SELECT [people].[id] FROM [people] WHERE [people].[age] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 17

-- 018 expression >
SELECT [people].[id] FROM [people] WHERE [people].[age] > ([people].[id] * @P1) ORDER BY [people].[id] ASC
--   @P1 = 10

-- 019 expression >=
SELECT [people].[id] FROM [people] WHERE ([people].[height] * @P1) >= @P2 ORDER BY [people].[id] ASC
--   @P1 = 2, @P2 = 3.0

-- 020 expression []
SELECT SUBSTRING([people].[name], CAST(@P1 AS INT), CAST(@P2 AS INT)) AS [SUBSTRING_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 1, @P2 = 1

-- 021 expression []
SELECT SUBSTRING([people].[name], CAST(@P1 AS INT), CAST(@P2 AS INT)) AS [SUBSTRING_1] FROM [people] WHERE [people].[id] = @P3
--   @P1 = 2, @P2 = 1, @P3 = 1
