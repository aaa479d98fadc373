-- 001 expression F, expression +
UPDATE [people] SET [age]=([people].[age] + @P1) WHERE [people].[age] > @P2
--   @P1 = 1, @P2 = 20

-- 002 expression F
UPDATE [people] SET [name]=@P1, [age]=[people].[id], [height]=CAST([people].[age] AS FLOAT) WHERE [people].[id] <= @P2
--   @P1 = 'x', @P2 = 2

-- 003 expression -
UPDATE [people] SET [age]=(@P1 - [people].[age]) WHERE [people].[age] > @P2
--   @P1 = 100, @P2 = 20

-- 004 expression *
UPDATE [people] SET [balance]=([people].[balance] * @P1) WHERE [people].[age] > @P2
--   @P1 = 2, @P2 = 20

-- 005 expression /
UPDATE [people] SET [height]=([people].[height] / NULLIF(@P1, 0)) WHERE [people].[age] > @P2
--   @P1 = 2, @P2 = 20

-- 006 expression %
UPDATE [people] SET [age]=([people].[age] % NULLIF(@P1, 0)) WHERE [people].[age] > @P2
--   @P1 = 10, @P2 = 20

-- 007 expression **
UPDATE [people] SET [age]=CAST(POWER(CAST([people].[age] AS FLOAT), @P1) AS BIGINT) WHERE [people].[age] > @P2
--   @P1 = 2, @P2 = 20

-- 008 expression negative
UPDATE [people] SET [age]=(([people].[age] * @P1) + @P2) WHERE [people].[age] > @P3
--   @P1 = -1, @P2 = 0, @P3 = 20

-- 009 expression bitand, expression bitor
UPDATE [people] SET [age]=(([people].[age] & @P1) | @P2) WHERE [people].[age] > @P3
--   @P1 = 3, @P2 = 32, @P3 = 20

-- 010 expression bitxor
UPDATE [people] SET [age]=([people].[age] ^ @P1) WHERE [people].[age] > @P2
--   @P1 = 1, @P2 = 20

-- 011 expression bitleftshift, expression bitrightshift
UPDATE [people] SET [age]=CAST(FLOOR((([people].[age] * POWER(CAST(2 AS BIGINT), @P1)) / POWER(CAST(2 AS FLOAT), @P2))) AS BIGINT) WHERE [people].[age] > @P3
--   @P1 = 1, @P2 = 1, @P3 = 20

-- 012 expression []
UPDATE [people] SET [email]=SUBSTRING([people].[name], CAST(@P1 AS INT), CAST(@P2 AS INT)) WHERE [people].[id] <= @P3
--   @P1 = 2, @P2 = 1, @P3 = 2

-- 013 expression Value
UPDATE [people] SET [joined]=@P1 WHERE [people].[id] <= @P2
--   @P1 = datetime.datetime(2024, 1, 1, 0, 0), @P2 = 2

-- 014 expression Value
UPDATE [people] SET [name]=@P1, [joined]=NULL WHERE [people].[id] <= @P2
--   @P1 = 'x', @P2 = 2

-- 015 expression Value
UPDATE [people] SET [meta]=@P1 WHERE [people].[id] <= @P2
--   @P1 = '{"a":[1]}', @P2 = 2

-- 016 expression Func
UPDATE [people] SET [name]=REPLACE([people].[name], @P1, @P2) WHERE [people].[id] <= @P3
--   @P1 = 'n', @P2 = 'm', @P3 = 2

-- 017 expression Case, expression When
UPDATE [people] SET [age]=CASE WHEN ([people].[age] < @P1) THEN ([people].[age] + @P2) WHEN ([people].[age] IS NULL) THEN @P3 ELSE @P4 END WHERE [people].[id] > @P5
--   @P1 = 18, @P2 = 1, @P3 = 0, @P4 = 18, @P5 = 0

-- 018 expression Subquery, expression OuterRef
UPDATE [people] SET [email]=(SELECT TOP (@P1) [posts].[title] FROM [posts] WHERE [posts].[author_id] = [people].[id] AND [posts].[id] >= @P2 ORDER BY [posts].[id] ASC) WHERE [people].[id] <= @P3
--   @P1 = 1, @P2 = 1, @P3 = 2

-- 019 expression Subquery
UPDATE [people] SET [age]=(SELECT TOP (@P1) [people_2].[age] FROM [people] AS [people_2] WHERE [people_2].[id] >= @P2 ORDER BY [people_2].[age] DESC) WHERE [people].[id] <= @P3
--   @P1 = 1, @P2 = 1, @P3 = 2

-- 020 expression Subquery
UPDATE [people] SET [age]=(SELECT (SUM(CAST([posts].[rating] AS BIGINT)) + @P1) AS anon_1 FROM [posts] WHERE [posts].[author_id] = [people].[id] GROUP BY [posts].[author_id]) WHERE [people].[id] <= @P2
--   @P1 = 0, @P2 = 2

-- 021 expression Exists, expression ~
UPDATE [people] SET [is_active]=(CASE WHEN NOT (EXISTS (SELECT 1 FROM [posts] WHERE [posts].[author_id] = [people].[id] AND [posts].[rating] = @P1)) THEN 1 ELSE 0 END) WHERE [people].[id] <= @P2
--   @P1 = 3, @P2 = 2

-- 022 expression Q, expression |, expression &
UPDATE [people] SET [is_active]=(CASE WHEN [people].[name] = @P1 OR [people].[age] < @P2 AND [people].[email] IS NULL THEN 1 WHEN NOT ([people].[name] = @P1 OR [people].[age] < @P2 AND [people].[email] IS NULL) THEN 0 END) WHERE [people].[id] <= @P3
--   @P1 = 'Ann', @P2 = 20, @P3 = 2

-- 023 expression ^
UPDATE [people] SET [is_active]=(CASE WHEN (CASE WHEN ([people].[name] = @P1) THEN 1 ELSE 0 END + CASE WHEN ([people].[age] < @P2) THEN 1 ELSE 0 END) % 2 = 1 THEN 1 WHEN NOT ((CASE WHEN ([people].[name] = @P1) THEN 1 ELSE 0 END + CASE WHEN ([people].[age] < @P2) THEN 1 ELSE 0 END) % 2 = 1) THEN 0 END) WHERE [people].[id] <= @P3
--   @P1 = 'Ann', @P2 = 40, @P3 = 2

-- 024 expression <, expression <=, expression >, expression >=
UPDATE [people] SET [is_active]=(CASE WHEN [people].[age] >= @P1 THEN 1 WHEN NOT ([people].[age] >= @P1) THEN 0 END) WHERE [people].[id] <= @P2
--   @P1 = 18, @P2 = 2

-- 025 expression ExpressionWrapper
UPDATE [people] SET [height]=([people].[age] + @P1) WHERE [people].[id] <= @P2
--   @P1 = 1, @P2 = 2

-- 026 expression RawSQL
UPDATE [people] SET [age]=(length(name) * @P1) WHERE [people].[id] <= @P2
--   @P1 = 1, @P2 = 2

-- 027 function Concat, function Upper
UPDATE [people] SET [name]=CONCAT(UPPER([people].[name]), @P1, N'') WHERE [people].[id] <= @P2
--   @P1 = '!', @P2 = 2

-- 028 function Coalesce, function Cast
UPDATE [people] SET [email]=COALESCE([people].[email], CAST([people].[age] AS NVARCHAR(MAX)), @P1) WHERE [people].[id] <= @P2
--   @P1 = 'x', @P2 = 2

-- 029 function ExtractYear
UPDATE [people] SET [age]=(DATEPART(YEAR, [people].[born]) - @P1) WHERE [people].[id] <= @P2
--   @P1 = 0, @P2 = 2

-- 030 function Trunc
UPDATE [people] SET [born]=DATEADD(MONTH, DATEDIFF(MONTH, CAST(N'0001-01-01' AS DATE), [people].[joined]), CAST(N'0001-01-01' AS DATE)), [wakes]=@P1 WHERE [people].[id] <= @P2
--   @P1 = datetime.time(1, 0), @P2 = 2

-- 031 expression +
UPDATE [people] SET [joined]=DATEADD(MICROSECOND, (@P1 % 1000000), DATEADD(SECOND, ((@P1 / 1000000) % 86400), DATEADD(DAY, (@P1 / CAST(86400000000 AS BIGINT)), [people].[joined]))) WHERE [people].[id] <= @P2
--   @P1 = 86400000000, @P2 = 2

-- 032 function JSONObject
UPDATE [people] SET [meta]=CONCAT(CAST(N'{' AS NVARCHAR(MAX)), ((N'"' + STRING_ESCAPE(@P1, 'json')) + N'"'), N':', COALESCE(((N'"' + STRING_ESCAPE([people].[name], 'json')) + N'"'), N'null'), N',', ((N'"' + STRING_ESCAPE(@P2, 'json')) + N'"'), N':', COALESCE(((N'"' + STRING_ESCAPE(@P3, 'json')) + N'"'), N'null'), N'}') WHERE [people].[id] <= @P4
--   @P1 = 'who', @P2 = 'what', @P3 = 'a', @P4 = 2

-- 033 json path
UPDATE [people] SET [name]=CONCAT(JSON_VALUE([people].[meta], N'$."city"'), @P1, N'') WHERE [people].[id] <= @P2
--   @P1 = '!', @P2 = 2

-- 034 method alias
UPDATE [people] SET [age]=(([people].[age] + @P1) + @P2) WHERE ([people].[age] + @P1) > @P3
--   @P1 = 1, @P2 = 0, @P3 = 20

-- 035 lookup forward
UPDATE [posts] SET [rating]=[posts].[author_id], [author_id]=@P1 WHERE [posts].[id] <= @P2
--   @P1 = 2, @P2 = 2

-- 036 lookup reverse
UPDATE [people] SET [age]=([people].[age] + @P1) WHERE [people].[id] IN (SELECT [people_2].[id] FROM [people] AS [people_2] JOIN [posts] ON [posts].[author_id] = [people_2].[id] WHERE [posts].[title] = @P2)
--   @P1 = 1, @P2 = 'Three'
