-- 001 a moment with an offset
SELECT [customers].[id] FROM [customers] WHERE [customers].[seen] >= @P1
--   @P1 = datetime.datetime(2024, 3, 5, 10, 20, 30, 123000, tzinfo=datetime.timezone.utc)

-- 002 a moment of a column with 300ths of a second
SELECT [customers].[id] FROM [customers] WHERE [customers].[created] = @P1
--   @P1 = LegacyDateTime(2024, 3, 5, 10, 20, 30, 123000)

-- 003 a moment of a column with milliseconds
SELECT [sales].[orders].[id] FROM [sales].[orders] WHERE [sales].[orders].[placed] = @P1
--   @P1 = datetime.datetime(2024, 3, 5, 10, 20, 30, 123000)

-- 004 the day of a moment with an offset
SELECT CAST(CAST([customers].[seen] AS DATE) AS DATETIME2(6)) AS [seen] FROM [customers]

-- 005 the day of a moment in a zone
SELECT (CAST(CAST(CAST(([customers].[seen] AT TIME ZONE N'W. Europe Standard Time') AS DATETIME2(6)) AS DATE) AS DATETIME2(6)) AT TIME ZONE N'W. Europe Standard Time') AS anon_1 FROM [customers]

-- 006 the year in a zone
SELECT DATEPART(YEAR, CAST((([sales].[orders].[placed] AT TIME ZONE N'UTC') AT TIME ZONE N'Tokyo Standard Time') AS DATETIME2(6))) AS [DATEPART_1] FROM [sales].[orders]

-- 007 money
SELECT [customers].[id] FROM [customers] WHERE [customers].[credit] > @P1
--   @P1 = Decimal('12.5')

-- 008 a very long decimal
SELECT [sales].[orders].[id] FROM [sales].[orders] WHERE [sales].[orders].[total] < @P1
--   @P1 = Decimal('1234567890123456789012345678.1234567')

-- 009 a number that has more than 64 bits
SELECT [customers].[id] FROM [customers] WHERE [customers].[id] < @P1
--   @P1 = Decimal('1180591620717411303424')

-- 010 infinity
SELECT [customers].[id] FROM [customers] WHERE [customers].[id] < @P1
--   @P1 = 1.7976931348623157e+308

-- 011 a cast to decimal
SELECT CAST([sales].[orders].[id] AS DECIMAL(38, 10)) AS [id] FROM [sales].[orders]

-- 012 the first that is not missing, of two types
SELECT COALESCE([sales].[orders].[placed], [customers].[created]) AS [COALESCE_1] FROM [sales].[orders] LEFT OUTER JOIN [customers] ON [customers].[id] = [sales].[orders].[customer_id]

-- 013 the greatest of two dates
SELECT (SELECT MAX(v) FROM (VALUES ( [sales].[shipments].[sent] ), ( @P1 )) AS noormme_values (v)) AS anon_1 FROM [sales].[shipments]
--   @P1 = datetime.date(2024, 1, 1)

-- 014 a part of JSON that is a number
SELECT [customers].[id] FROM [customers] WHERE (EXISTS (SELECT 1 FROM OPENJSON( [customers].[extra] , N'$' ) AS part WHERE part.[key] = N'a' AND part.[type] = 2 AND CAST(CASE WHEN part.[type] = 2 THEN part.[value] END AS FLOAT) > @P1 ))
--   @P1 = 1

-- 015 a part of JSON in arithmetic
SELECT (TRY_CAST(JSON_VALUE([customers].[extra], N'$."a"') AS FLOAT) + @P1) AS anon_1 FROM [customers]
--   @P1 = 1

-- 016 the order of a part of JSON
SELECT [customers].[id] FROM [customers] ORDER BY JSON_VALUE([customers].[extra], N'$."a"."b"') ASC

-- 017 a document as it is written
SELECT [customers].[id] FROM [customers] WHERE [customers].[extra] = @P1
--   @P1 = '{"a":1}'

-- 018 a part of JSON that is null
SELECT [customers].[id] FROM [customers] WHERE (EXISTS (SELECT 1 FROM OPENJSON( [customers].[extra] , N'$' ) AS part WHERE part.[key] = N'a' AND part.[type] = 0 ))

-- 019 a key of JSON with signs
SELECT [customers].[id] FROM [customers] WHERE (EXISTS (SELECT 1 FROM OPENJSON( [customers].[extra] , N'$' ) AS part WHERE part.[key] = N'a"b''c' AND part.[type] = 2 AND CAST(CASE WHEN part.[type] = 2 THEN part.[value] END AS FLOAT) = @P1 ))
--   @P1 = 1
