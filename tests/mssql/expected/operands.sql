-- 001 a duration before a date
SELECT DATEADD(MICROSECOND, (@P1 % 1000000), DATEADD(SECOND, ((@P1 / 1000000) % 86400), DATEADD(DAY, (@P1 / CAST(86400000000 AS BIGINT)), CAST([people].[born] AS DATETIME2(6))))) AS [DATEADD_1] FROM [people]
--   @P1 = 86400000000

-- 002 a time and a duration
SELECT DATEADD(MICROSECOND, (@P1 % 1000000), DATEADD(SECOND, ((@P1 / 1000000) % 86400), [people].[wakes])) AS [DATEADD_1] FROM [people]
--   @P1 = 3600000000

-- 003 a moment less a duration
SELECT DATEADD(MICROSECOND, ((0 - @P1) % 1000000), DATEADD(SECOND, (((0 - @P1) / 1000000) % 86400), DATEADD(DAY, ((0 - @P1) / CAST(86400000000 AS BIGINT)), [people].[joined]))) AS [DATEADD_1] FROM [people]
--   @P1 = 3600000000

-- 004 the difference of two dates
SELECT DATEDIFF_BIG(MICROSECOND, [people].[joined], [people].[born]) AS [DATEDIFF_BIG_1] FROM [people]

-- 005 a duration times a number
SELECT CAST((DATEDIFF_BIG(MICROSECOND, [people].[born], [people].[joined]) * CAST([people].[age] AS FLOAT)) AS BIGINT) AS anon_1 FROM [people]

-- 006 a duration by a number
SELECT CAST((DATEDIFF_BIG(MICROSECOND, [people].[born], [people].[joined]) / NULLIF(CAST(@P1 AS FLOAT), 0)) AS BIGINT) AS anon_1 FROM [people]
--   @P1 = 2

-- 007 the remainder of a float
SELECT ([people].[height] - (NULLIF(CAST(@P1 AS FLOAT), 0) * ROUND(([people].[height] / NULLIF(CAST(@P1 AS FLOAT), 0)), 0, 1))) AS anon_1 FROM [people]
--   @P1 = 0.5

-- 008 a decimal to a power
SELECT POWER(CAST([people].[balance] AS DECIMAL(38, 10)), @P1) AS [POWER_1] FROM [people]
--   @P1 = 2

-- 009 a boolean in arithmetic
SELECT (CAST([people].[is_active] AS INT) + @P1) AS anon_1 FROM [people]
--   @P1 = 1

-- 010 whole numbers to a float
SELECT (CAST(CAST([people].[age] AS FLOAT) AS FLOAT) / NULLIF(@P1, 0)) AS anon_1 FROM [people]
--   @P1 = 2

-- 011 a text of the row in a text
SELECT [people].[id] FROM [people] WHERE [people].[email] LIKE ((N'%' + REPLACE(REPLACE(REPLACE([people].[name], N'[', N'[[]'), N'%', N'[%]'), N'_', N'[_]')) + N'%')

-- 012 the same in any case
SELECT [people].[id] FROM [people] WHERE LOWER([people].[email]) LIKE ((N'%' + REPLACE(REPLACE(REPLACE(LOWER([people].[name]), N'[', N'[[]'), N'%', N'[%]'), N'_', N'[_]')) + N'%')

-- 013 a text that ends with another
SELECT [people].[id] FROM [people] WHERE [people].[email] LIKE (N'%' + REPLACE(REPLACE(REPLACE([people].[name], N'[', N'[[]'), N'%', N'[%]'), N'_', N'[_]'))

-- 014 a text that is another in any case
SELECT [people].[id] FROM [people] WHERE LOWER([people].[email]) = LOWER([people].[name])

-- 015 a regular expression of the row
-- SQL Server before 2025 has no regular expressions; use contains, startswith or endswith, or filter in Python; on 2025, RawSQL with REGEXP_LIKE

-- 016 a number searched as text
SELECT [people].[id] FROM [people] WHERE CAST([people].[age] AS NVARCHAR(MAX)) LIKE @P1
--   @P1 = '%1%'

-- 017 a moment as text
SELECT CONVERT(NVARCHAR(40), [people].[joined], 121) AS [CONVERT_1] FROM [people]

-- 018 a float as text
SELECT FORMAT([people].[height], N'R', N'en-US') AS [FORMAT_1] FROM [people]

-- 019 a UUID as text
SELECT LOWER(CAST([customers].[token] AS NVARCHAR(36))) AS [LOWER_1] FROM [customers]

-- 020 bytes as text
SELECT CAST(CAST([customers].[photo] AS VARCHAR(MAX)) AS NVARCHAR(MAX)) AS [photo] FROM [customers]

-- 021 a text as bytes
SELECT CAST(CAST([people].[name] COLLATE Latin1_General_100_BIN2_UTF8 AS VARCHAR(MAX)) AS VARBINARY(MAX)) AS anon_1 FROM [people]

-- 022 a text as a number
SELECT CAST([people].[name] AS BIGINT) AS [name] FROM [people]

-- 023 a cast to the type that it has
SELECT [people].[age] FROM [people]

-- 024 a moment of text
SELECT CAST([people].[name] AS DATETIME2(6)) AS [name] FROM [people]

-- 025 a logarithm of a decimal
SELECT CAST(LOG(CAST([people].[balance] AS FLOAT), CAST(@P1 AS FLOAT)) AS DECIMAL(38, 10)) AS [LOG_1] FROM [people]
--   @P1 = 2

-- 026 a remainder of floats
SELECT ([people].[height] - (NULLIF(CAST(@P1 AS FLOAT), 0) * ROUND(([people].[height] / NULLIF(CAST(@P1 AS FLOAT), 0)), 0, 1))) AS anon_1 FROM [people]
--   @P1 = 0.5

-- 027 the square root of a decimal
SELECT CAST(SQRT(CAST([people].[balance] AS FLOAT)) AS DECIMAL(38, 10)) AS [SQRT_1] FROM [people]

-- 028 the part of a text
SELECT SUBSTRING([people].[name], [people].[age], (LEN(([people].[name] + N'.')) - 1)) AS [SUBSTRING_1] FROM [people]

-- 029 a text filled with blanks
SELECT (LEFT(REPLICATE(@P1, CAST(@P2 AS INT)), (CAST(@P2 AS INT) - (LEN((LEFT([people].[name], CAST(@P2 AS INT)) + N'.')) - 1))) + LEFT([people].[name], CAST(@P2 AS INT))) AS anon_1 FROM [people]
--   @P1 = ' ', @P2 = 5

-- 030 values of several types
SELECT COALESCE([people].[name], CAST([people].[age] AS NVARCHAR(MAX))) AS [COALESCE_1] FROM [people]

-- 031 numbers of several types
SELECT COALESCE([people].[height], CAST([people].[age] AS FLOAT)) AS [COALESCE_1] FROM [people]

-- 032 a part of JSON or a text
SELECT COALESCE(JSON_VALUE([people].[meta], N'$."city"'), @P1) AS [COALESCE_1] FROM [people]
--   @P1 = 'none'

-- 033 a part of JSON that is no number
SELECT CASE WHEN (TRY_CAST(JSON_VALUE([people].[meta], N'$."size"."w"') AS FLOAT) = @P1) THEN NULL ELSE JSON_VALUE([people].[meta], N'$."size"."w"') END AS anon_1 FROM [people]
--   @P1 = 0

-- 034 NULL where a text is a number
SELECT NULLIF([people].[name], CAST([people].[age] AS NVARCHAR(MAX))) AS [NULLIF_1] FROM [people]

-- 035 a part of JSON compared with a field
SELECT [people].[id] FROM [people] WHERE JSON_VALUE([people].[meta], N'$."city"') = [people].[name]

-- 036 a part of JSON compared with a number
SELECT [people].[id] FROM [people] WHERE TRY_CAST(JSON_VALUE([people].[meta], N'$."size"."w"') AS FLOAT) = [people].[age]

-- 037 two parts of JSON
SELECT [people].[id] FROM [people] WHERE (SELECT CASE part.[type] WHEN 0 THEN N'null' WHEN 1 THEN N'"' + STRING_ESCAPE(part.[value], 'json') + N'"' ELSE part.[value] END FROM OPENJSON( [people].[meta] , N'$' ) AS part WHERE part.[key] = N'city') = (SELECT CASE part.[type] WHEN 0 THEN N'null' WHEN 1 THEN N'"' + STRING_ESCAPE(part.[value], 'json') + N'"' ELSE part.[value] END FROM OPENJSON( [people].[meta] , N'$' ) AS part WHERE part.[key] = N'home')

-- 038 a document in a document
-- SQL Server cannot ask whether JSON contains other JSON; compare its parts: field__key=value, field__has_key='key'

-- 039 a list of numbers in JSON
SELECT [people].[id] FROM [people] WHERE (EXISTS (SELECT 1 FROM OPENJSON( [people].[meta] , N'$."size"' ) AS part WHERE part.[key] = N'w' AND part.[type] = 2 AND CAST(CASE WHEN part.[type] = 2 THEN part.[value] END AS FLOAT) IN (SELECT CAST([value] AS FLOAT) FROM OPENJSON( @P1 )) )) OR (EXISTS (SELECT 1 FROM OPENJSON( [people].[meta] , N'$."size"' ) AS part WHERE part.[key] = N'w' AND part.[type] = 2 AND CAST(CASE WHEN part.[type] = 2 THEN part.[value] END AS FLOAT) IN (SELECT CAST([value] AS FLOAT) FROM OPENJSON( @P2 )) ))
--   @P1 = '[1]', @P2 = '[2.5]'

-- 040 a range of numbers in JSON
SELECT [people].[id] FROM [people] WHERE (EXISTS (SELECT 1 FROM OPENJSON( [people].[meta] , N'$."size"' ) AS part WHERE part.[key] = N'w' AND part.[type] = 2 AND CAST(CASE WHEN part.[type] = 2 THEN part.[value] END AS FLOAT) >= @P1 )) AND (EXISTS (SELECT 1 FROM OPENJSON( [people].[meta] , N'$."size"' ) AS part WHERE part.[key] = N'w' AND part.[type] = 2 AND CAST(CASE WHEN part.[type] = 2 THEN part.[value] END AS FLOAT) <= @P2 ))
--   @P1 = 1, @P2 = 2

-- 041 a list of documents
SELECT [people].[id] FROM [people] WHERE ([people].[meta] IN (SELECT [value] FROM OPENJSON( @P1 )))
--   @P1 = '["{\\"a\\":1}"]'

-- 042 a document that is null
SELECT [people].[id] FROM [people] WHERE [people].[meta] = N'null'

-- 043 a document after another
SELECT [people].[id] FROM [people] WHERE [people].[meta] > @P1
--   @P1 = '1'

-- 044 a document made of a blob
SELECT CONCAT(CAST(N'[' AS NVARCHAR(MAX)), COALESCE([people].[meta], N'null'), N',', COALESCE(FORMAT([people].[height], N'R', N'en-US'), N'null'), N',', COALESCE(((N'"' + STRING_ESCAPE(CONVERT(NVARCHAR(40), [people].[joined], 126), 'json')) + N'"'), N'null'), N']') AS [CONCAT_1] FROM [people]

-- 045 texts joined by one of the row
-- SQL Server joins texts by one that is given, not by one of the row; use Value(', ')

-- 046 texts joined once each
-- STRING_AGG of SQL Server has no DISTINCT; aggregate over a query of distinct values, or join the texts in Python

-- 047 the spread of decimals
SELECT STDEVP(CAST([people].[balance] AS FLOAT)) AS [STDEVP_1], AVG(CAST(CAST([people].[is_active] AS INT) AS FLOAT)) AS [AVG_1] FROM [people]

-- 048 a list in a lookup of one's own
SELECT [people].[id] FROM [people] WHERE ([people].[name] IN (SELECT v FROM OPENJSON( @P1 ) WITH (v NVARCHAR(4000) '$'))) AND NOT (([people].[age] IN (SELECT v FROM OPENJSON( @P2 ) WITH (v BIGINT '$'))) AND [people].[age] IS NOT NULL)
--   @P1 = '["a","b"]', @P2 = '[1]'

-- 049 the time now in a zone
SELECT SYSDATETIMEOFFSET() AS [SYSDATETIMEOFFSET_1] FROM [people]

-- 050 the month in a zone
SELECT (CAST(DATEADD(MONTH, DATEDIFF(MONTH, CAST(N'0001-01-01' AS DATE), CAST((([people].[joined] AT TIME ZONE N'W. Europe Standard Time') AT TIME ZONE N'W. Europe Standard Time') AS DATETIME2(6))), CAST(N'0001-01-01' AS DATE)) AS DATETIME2(6)) AT TIME ZONE N'W. Europe Standard Time') AS anon_1 FROM [people]

-- 051 a function by its name
SELECT REPLICATE([people].[name], @P1) AS [REPLICATE_1] FROM [people]
--   @P1 = 2

-- 052 a full join
SELECT [people].[id] FROM [people] FULL JOIN [posts] ON [posts].[author_id] = [people].[id]

-- 053 a cross join
SELECT [people].[id] FROM [people] CROSS JOIN [tags]

-- 054 a negated range
SELECT [people].[id] FROM [people] WHERE NOT ([people].[age] BETWEEN @P1 AND @P2 AND [people].[age] IS NOT NULL)
--   @P1 = 1, @P2 = 2

-- 055 a condition that always holds
SELECT CASE WHEN NOT (1 = 0) THEN @P1 ELSE CAST(NULL AS BIGINT) END AS anon_1 FROM [people]
--   @P1 = 1

-- 056 texts of an old type
SELECT [customers].[id] FROM [customers] WHERE [customers].[name] = CAST([customers].[notes] AS NVARCHAR(MAX)) AND (LOWER(CAST([customers].[notes] AS NVARCHAR(MAX))) LIKE LOWER(@P1))
--   @P1 = '%a%'
