-- 001 function Extract
SELECT DATEPART(YEAR, [people].[joined]) AS [DATEPART_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 002 function Extract
SELECT [people].[id] FROM [people] WHERE DATEPART(MONTH, [people].[joined]) = (DATEPART(MONTH, [people].[born]) + @P1) ORDER BY [people].[id] ASC
--   @P1 = -2

-- 003 function ExtractYear
SELECT DATEPART(YEAR, [people].[born]) AS [DATEPART_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 004 function ExtractIsoYear
SELECT YEAR(DATEADD(DAY, (26 - DATEPART(ISO_WEEK, [people].[born])), [people].[born])) AS [YEAR_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 005 function ExtractQuarter
SELECT DATEPART(QUARTER, [people].[born]) AS [DATEPART_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 006 function ExtractMonth
SELECT DATEPART(MONTH, [people].[joined]) AS [DATEPART_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 007 function ExtractWeek
SELECT DATEPART(ISO_WEEK, [people].[born]) AS [DATEPART_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 008 function ExtractDay
SELECT DATEPART(DAY, [people].[joined]) AS [DATEPART_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 009 function ExtractWeekDay
SELECT (((DATEDIFF(DAY, CAST(N'0001-01-01' AS DATE), [people].[born]) + 1) % 7) + 1) AS anon_1 FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 010 function ExtractIsoWeekDay
SELECT ((DATEDIFF(DAY, CAST(N'0001-01-01' AS DATE), [people].[joined]) % 7) + 1) AS anon_1 FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 011 function ExtractHour
SELECT DATEPART(HOUR, [people].[wakes]) AS [DATEPART_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 012 function ExtractMinute
SELECT DATEPART(MINUTE, [people].[joined]) AS [DATEPART_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 013 function ExtractSecond
SELECT DATEPART(SECOND, [people].[joined]) AS [DATEPART_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 014 function TruncYear
SELECT DATEADD(YEAR, DATEDIFF(YEAR, CAST(N'0001-01-01' AS DATE), [people].[born]), CAST(N'0001-01-01' AS DATE)) AS [DATEADD_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 015 function TruncQuarter
SELECT CAST(DATEADD(QUARTER, DATEDIFF(QUARTER, CAST(N'0001-01-01' AS DATE), [people].[joined]), CAST(N'0001-01-01' AS DATE)) AS DATETIME2(6)) AS [DATEADD_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 016 function TruncMonth
SELECT CAST(DATEADD(MONTH, DATEDIFF(MONTH, CAST(N'0001-01-01' AS DATE), [people].[joined]), CAST(N'0001-01-01' AS DATE)) AS DATETIME2(6)) AS [DATEADD_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 017 function TruncWeek
SELECT DATEADD(DAY, ((DATEDIFF(DAY, CAST(N'0001-01-01' AS DATE), [people].[born]) / 7) * 7), CAST(N'0001-01-01' AS DATE)) AS [DATEADD_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 018 function TruncDay
SELECT CAST(CAST([people].[joined] AS DATE) AS DATETIME2(6)) AS [joined] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 019 function TruncDate
SELECT CAST([people].[joined] AS DATE) AS [joined] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 020 function TruncTime
SELECT CAST([people].[joined] AS TIME(6)) AS [joined] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 021 function TruncHour
SELECT DATEADD(HOUR, DATEDIFF(HOUR, CAST(CAST([people].[joined] AS DATE) AS DATETIME2(6)), CAST([people].[joined] AS DATETIME2(6))), CAST(CAST([people].[joined] AS DATE) AS DATETIME2(6))) AS [DATEADD_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 022 function TruncMinute
SELECT DATEADD(MINUTE, DATEDIFF(MINUTE, CAST(N'00:00' AS TIME(6)), [people].[wakes]), CAST(N'00:00' AS TIME(6))) AS [DATEADD_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 023 function TruncSecond
SELECT DATEADD(SECOND, DATEDIFF(SECOND, CAST(CAST([people].[joined] AS DATE) AS DATETIME2(6)), CAST([people].[joined] AS DATETIME2(6))), CAST(CAST([people].[joined] AS DATE) AS DATETIME2(6))) AS [DATEADD_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 024 function Trunc
SELECT CAST(DATEADD(MONTH, DATEDIFF(MONTH, CAST(N'0001-01-01' AS DATE), [people].[joined]), CAST(N'0001-01-01' AS DATE)) AS DATETIME2(6)) AS [DATEADD_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 025 function Trunc
SELECT CAST([people].[joined] AS DATE) AS [joined] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 026 function TruncMonth
SELECT DATEADD(MONTH, DATEDIFF(MONTH, CAST(N'0001-01-01' AS DATE), [people].[born]), CAST(N'0001-01-01' AS DATE)) AS [DATEADD_1], COUNT_BIG([people].[id]) AS [COUNT_BIG_1] FROM [people] WHERE [people].[id] <= @P1 GROUP BY DATEADD(MONTH, DATEDIFF(MONTH, CAST(N'0001-01-01' AS DATE), [people].[born]), CAST(N'0001-01-01' AS DATE)) ORDER BY DATEADD(MONTH, DATEDIFF(MONTH, CAST(N'0001-01-01' AS DATE), [people].[born]), CAST(N'0001-01-01' AS DATE)) ASC
--   @P1 = 2

-- 027 function TruncDay
SELECT [people].[id] FROM [people] WHERE CAST(CAST([people].[joined] AS DATE) AS DATETIME2(6)) = @P1 ORDER BY [people].[id] ASC
--   @P1 = datetime.datetime(2024, 1, 1, 0, 0)

-- 028 function Now
SELECT [people].[id] FROM [people] WHERE [people].[id] <= @P1 AND [people].[joined] < CAST(SYSUTCDATETIME() AS DATETIME2(6)) ORDER BY [people].[id] ASC
--   @P1 = 1

-- 029 function Now
SELECT [people].[id] FROM [people] WHERE [people].[joined] > DATEADD(MICROSECOND, ((0 - @P1) % 1000000), DATEADD(SECOND, (((0 - @P1) / 1000000) % 86400), DATEADD(DAY, ((0 - @P1) / CAST(86400000000 AS BIGINT)), CAST(SYSUTCDATETIME() AS DATETIME2(6))))) ORDER BY [people].[id] ASC
--   @P1 = 86400000000
