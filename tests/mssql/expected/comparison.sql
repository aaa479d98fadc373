-- 001 function Cast
SELECT CAST([people].[age] AS NVARCHAR(MAX)) AS [age] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 1

-- 002 function Cast
SELECT CAST(ROUND([people].[balance], 0) AS BIGINT) AS [ROUND_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 003 function Cast
SELECT CAST([people].[joined] AS DATE) AS [joined] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 1

-- 004 function Coalesce
SELECT COALESCE([people].[email], @P1) AS [COALESCE_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 'none'

-- 005 function Coalesce
SELECT COALESCE([people].[age], @P1) AS [COALESCE_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 0

-- 006 function Collate
SELECT [people].[id] FROM [people] WHERE [people].[name] = (@P1 COLLATE nocase) ORDER BY [people].[id] ASC
--   @P1 = 'ANN'

-- 007 function Collate
SELECT [people].[id] FROM [people] WHERE [people].[id] > @P1 ORDER BY [people].[name] COLLATE nocase DESC
--   @P1 = 0

-- 008 function Greatest
SELECT (SELECT MAX(v) FROM (VALUES ( [people].[age] ), ( @P1 )) AS noormme_values (v)) AS anon_1 FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 20

-- 009 function Greatest
SELECT (SELECT MAX(v) FROM (VALUES ( [people].[born] ), ( CAST([people].[joined] AS DATE) )) AS noormme_values (v)) AS anon_1 FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 010 function Least
SELECT (SELECT MIN(v) FROM (VALUES ( [people].[height] ), ( @P1 )) AS noormme_values (v)) AS anon_1 FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 1.5

-- 011 function NullIf
SELECT NULLIF([people].[name], @P1) AS [NULLIF_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 'Ann'

-- 012 function NullIf
SELECT NULLIF([people].[age], @P1) AS [NULLIF_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 31

-- 013 function JSONObject
SELECT CONCAT(CAST(N'{' AS NVARCHAR(MAX)), ((N'"' + STRING_ESCAPE(@P1, 'json')) + N'"'), N':', COALESCE(((N'"' + STRING_ESCAPE(LOWER([people].[name]), 'json')) + N'"'), N'null'), N',', ((N'"' + STRING_ESCAPE(@P2, 'json')) + N'"'), N':', COALESCE(CAST(([people].[age] + @P3) AS NVARCHAR(MAX)), N'null'), N',', ((N'"' + STRING_ESCAPE(@P4, 'json')) + N'"'), N':', COALESCE(((N'"' + STRING_ESCAPE(CONVERT(NVARCHAR(40), [people].[born], 126), 'json')) + N'"'), N'null'), N',', ((N'"' + STRING_ESCAPE(@P5, 'json')) + N'"'), N':', COALESCE(CASE WHEN ([people].[is_active] = 1) THEN N'true' WHEN ([people].[is_active] = 0) THEN N'false' END, N'null'), N'}') AS [CONCAT_1] FROM [people] WHERE [people].[id] <= @P6 ORDER BY [people].[id] ASC
--   @P1 = 'name', @P2 = 'age', @P3 = 1, @P4 = 'born', @P5 = 'active', @P6 = 1

-- 014 function JSONArray
SELECT CONCAT(CAST(N'[' AS NVARCHAR(MAX)), COALESCE(CAST([people].[id] AS NVARCHAR(MAX)), N'null'), N',', COALESCE(((N'"' + STRING_ESCAPE([people].[name], 'json')) + N'"'), N'null'), N',', COALESCE(CAST([people].[age] AS NVARCHAR(MAX)), N'null'), N',', COALESCE(CASE WHEN (@P1 = 1) THEN N'true' WHEN (@P1 = 0) THEN N'false' END, N'null'), N']') AS [CONCAT_1] FROM [people] WHERE [people].[id] <= @P2 ORDER BY [people].[id] ASC
--   @P1 = True, @P2 = 1
