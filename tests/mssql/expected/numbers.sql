-- 001 function Abs
SELECT ABS(([people].[height] - @P1)) AS [ABS_1] FROM [people] WHERE [people].[id] <= @P2 ORDER BY [people].[id] ASC
--   @P1 = 1.6, @P2 = 2

-- 002 function Ceil
SELECT CEILING(([people].[height] - @P1)) AS [CEILING_1] FROM [people] WHERE [people].[id] <= @P2 ORDER BY [people].[id] ASC
--   @P1 = 1.6, @P2 = 2

-- 003 function Floor
SELECT FLOOR(([people].[height] - @P1)) AS [FLOOR_1] FROM [people] WHERE [people].[id] <= @P2 ORDER BY [people].[id] ASC
--   @P1 = 1.6, @P2 = 2

-- 004 function Exp
SELECT EXP([people].[height]) AS [EXP_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 005 function Ln
SELECT LOG([people].[height]) AS [LOG_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 006 function Sqrt
SELECT SQRT([people].[height]) AS [SQRT_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 007 function Sin
SELECT SIN([people].[height]) AS [SIN_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 008 function Cos
SELECT COS([people].[height]) AS [COS_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 009 function Tan
SELECT TAN([people].[height]) AS [TAN_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 010 function Cot
SELECT COT([people].[height]) AS [COT_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 011 function Degrees
SELECT DEGREES([people].[height]) AS [DEGREES_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 012 function Radians
SELECT RADIANS([people].[height]) AS [RADIANS_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 013 function ATan
SELECT ATAN([people].[height]) AS [ATAN_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 014 function Sign
SELECT SIGN(([people].[height] - @P1)) AS [SIGN_1] FROM [people] WHERE [people].[id] <= @P2 ORDER BY [people].[id] ASC
--   @P1 = 1.6, @P2 = 2

-- 015 function ACos
SELECT ACOS(CAST(([people].[height] - @P1) AS FLOAT)) AS [ACOS_1] FROM [people] WHERE [people].[id] <= @P2 ORDER BY [people].[id] ASC
--   @P1 = 1, @P2 = 2

-- 016 function ASin
SELECT ASIN(CAST(([people].[height] - @P1) AS FLOAT)) AS [ASIN_1] FROM [people] WHERE [people].[id] <= @P2 ORDER BY [people].[id] ASC
--   @P1 = 1, @P2 = 2

-- 017 function ATan2
SELECT ATN2([people].[height], CAST(@P1 AS FLOAT)) AS [ATN2_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 1.0

-- 018 function Log
SELECT LOG(CAST([people].[age] AS FLOAT), CAST(@P1 AS FLOAT)) AS [LOG_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 2

-- 019 function Mod
SELECT ([people].[age] % NULLIF(@P1, 0)) AS anon_1 FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 10

-- 020 function Pi
SELECT PI() AS [PI_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 1

-- 021 function Power
SELECT POWER([people].[height], @P1) AS [POWER_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 2

-- 022 function Random
SELECT RAND(CHECKSUM(NEWID())) AS [RAND_1] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 1

-- 023 function Round
SELECT ROUND([people].[height], CAST(@P1 AS INT)) AS [ROUND_1] FROM [people] WHERE [people].[id] <= @P2 ORDER BY [people].[id] ASC
--   @P1 = 0, @P2 = 2

-- 024 function Round
SELECT ROUND([people].[height], CAST(@P1 AS INT)) AS [ROUND_1] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 1

-- 025 function Abs
SELECT [people].[id] FROM [people] WHERE ABS(([people].[age] - @P1)) < @P2 ORDER BY [people].[id] ASC
--   @P1 = 30, @P2 = 5
