-- 001 function Chr
SELECT [people].[id] FROM [people] WHERE [people].[name] LIKE (REPLACE(REPLACE(REPLACE(NCHAR(CAST(@P1 AS INT)), N'[', N'[[]'), N'%', N'[%]'), N'_', N'[_]') + N'%') ORDER BY [people].[id] ASC
--   @P1 = 65

-- 002 function Concat
SELECT CONCAT([people].[name], @P1, [people].[email], N'') AS [CONCAT_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = ' - '

-- 003 function Left
SELECT LEFT([people].[name], CAST(@P1 AS INT)) AS [LEFT_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 1

-- 004 function Right
SELECT RIGHT([people].[name], CAST(@P1 AS INT)) AS [RIGHT_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 1

-- 005 function Length
SELECT (LEN(([people].[name] + N'.')) - 1) AS anon_1 FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 006 function Length
SELECT [people].[id] FROM [people] WHERE (LEN(([people].[email] + N'.')) - 1) > @P1 ORDER BY [people].[id] ASC
--   @P1 = 15

-- 007 function Lower
SELECT LOWER([people].[name]) AS [LOWER_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 008 function Upper
SELECT UPPER([people].[name]) AS [UPPER_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 009 function LPad
SELECT (LEFT(REPLICATE(@P1, CAST(@P2 AS INT)), (CAST(@P2 AS INT) - (LEN((LEFT([people].[name], CAST(@P2 AS INT)) + N'.')) - 1))) + LEFT([people].[name], CAST(@P2 AS INT))) AS anon_1 FROM [people] ORDER BY [people].[id] ASC
--   @P1 = '*', @P2 = 5

-- 010 function RPad
SELECT LEFT(([people].[name] + REPLICATE(@P1, CAST(@P2 AS INT))), CAST(@P2 AS INT)) AS [LEFT_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = '*', @P2 = 5

-- 011 function LTrim
SELECT LTRIM(CONCAT(@P1, [people].[name], @P2, N'')) AS [LTRIM_1] FROM [people] WHERE [people].[id] = @P3
--   @P1 = '  ', @P2 = ' ', @P3 = 1

-- 012 function RTrim
SELECT RTRIM(CONCAT(@P1, [people].[name], @P2, N'')) AS [RTRIM_1] FROM [people] WHERE [people].[id] = @P3
--   @P1 = '  ', @P2 = ' ', @P3 = 1

-- 013 function Trim
SELECT TRIM(CONCAT(@P1, [people].[name], @P2, N'')) AS [TRIM_1] FROM [people] WHERE [people].[id] = @P3
--   @P1 = '  ', @P2 = ' ', @P3 = 1

-- 014 function Ord
SELECT UNICODE([people].[name]) AS [UNICODE_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 015 function Repeat
SELECT REPLICATE([people].[name], CAST(@P1 AS INT)) AS [REPLICATE_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 2

-- 016 function Replace
SELECT REPLACE([people].[name], @P1, @P2) AS [REPLACE_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 'n', @P2 = '_'

-- 017 function Replace
SELECT REPLACE([people].[name], @P1, @P2) AS [REPLACE_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 'n', @P2 = ''

-- 018 function Reverse
SELECT REVERSE([people].[name]) AS [REVERSE_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 019 function StrIndex
SELECT CHARINDEX(@P1, [people].[name]) AS [CHARINDEX_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 'n'

-- 020 function Substr
SELECT SUBSTRING([people].[name], CAST(@P1 AS INT), CAST(@P2 AS INT)) AS [SUBSTRING_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 1, @P2 = 1

-- 021 function Substr
SELECT SUBSTRING([people].[name], CAST(@P1 AS INT), (LEN(([people].[name] + N'.')) - 1)) AS [SUBSTRING_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 2

-- 022 function MD5
SELECT LOWER(CONVERT(VARCHAR(32), HASHBYTES('MD5', CAST([people].[name] COLLATE Latin1_General_100_BIN2_UTF8 AS VARCHAR(MAX))), 2)) AS [LOWER_1] FROM [people] WHERE [people].[id] = @P1
--   @P1 = 1

-- 023 function SHA1
SELECT LOWER(CONVERT(VARCHAR(40), HASHBYTES('SHA1', CAST([people].[name] COLLATE Latin1_General_100_BIN2_UTF8 AS VARCHAR(MAX))), 2)) AS [LOWER_1] FROM [people] WHERE [people].[id] = @P1
--   @P1 = 1

-- 024 function SHA224
-- SQL Server has no SHA224; use SHA256 or SHA512, or hash in Python

-- 025 function SHA256
SELECT LOWER(CONVERT(VARCHAR(64), HASHBYTES('SHA2_256', CAST([people].[name] COLLATE Latin1_General_100_BIN2_UTF8 AS VARCHAR(MAX))), 2)) AS [LOWER_1] FROM [people] WHERE [people].[id] = @P1
--   @P1 = 1

-- 026 function SHA384
-- SQL Server has no SHA384; use SHA256 or SHA512, or hash in Python

-- 027 function SHA512
SELECT LOWER(CONVERT(VARCHAR(128), HASHBYTES('SHA2_512', CAST([people].[name] COLLATE Latin1_General_100_BIN2_UTF8 AS VARCHAR(MAX))), 2)) AS [LOWER_1] FROM [people] WHERE [people].[id] = @P1
--   @P1 = 1
