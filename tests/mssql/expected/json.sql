-- 001 json key
SELECT [people].[id] FROM [people] WHERE (EXISTS (SELECT 1 FROM OPENJSON( [people].[meta] , N'$' ) AS part WHERE part.[key] = N'city' AND part.[type] = 1 AND part.[value] = @P1 )) ORDER BY [people].[id] ASC
--   @P1 = 'Rome'

-- 002 json key
SELECT [people].[id] FROM [people] WHERE (EXISTS (SELECT 1 FROM OPENJSON( [people].[meta] , N'$' ) AS part WHERE part.[key] = N'vip' AND part.[type] = 3 AND part.[value] = @P1 )) ORDER BY [people].[id] ASC
--   @P1 = 'true'

-- 003 json key
SELECT (SELECT CASE part.[type] WHEN 0 THEN N'null' WHEN 1 THEN N'"' + STRING_ESCAPE(part.[value], 'json') + N'"' ELSE part.[value] END FROM OPENJSON( [people].[meta] , N'$' ) AS part WHERE part.[key] = N'city') AS anon_1 FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 004 json key
SELECT [people].[id] FROM [people] WHERE COALESCE(JSON_VALUE([people].[meta], N'$."city"'), JSON_QUERY([people].[meta], N'$."city"')) LIKE @P1 ORDER BY [people].[id] ASC
--   @P1 = 'R%'

-- 005 json key
SELECT [people].[id] FROM [people] WHERE (EXISTS (SELECT 1 FROM OPENJSON( [people].[meta] , N'$' ) AS part WHERE part.[key] = N'city' AND part.[type] = 1 AND part.[value] IN (SELECT [value] FROM OPENJSON( @P1 )) )) ORDER BY [people].[id] ASC
--   @P1 = '["Rome","Oslo"]'

-- 006 json key
SELECT [people].[id] FROM [people] WHERE (SELECT CASE part.[type] WHEN 0 THEN N'null' WHEN 1 THEN N'"' + STRING_ESCAPE(part.[value], 'json') + N'"' ELSE part.[value] END FROM OPENJSON( [people].[meta] , N'$' ) AS part WHERE part.[key] = N'city') IS NULL AND [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 3

-- 007 json key
SELECT [people].[id] FROM [people] WHERE NOT ((EXISTS (SELECT 1 FROM OPENJSON( [people].[meta] , N'$' ) AS part WHERE part.[key] = N'city' AND part.[type] = 1 AND part.[value] = @P1 )) AND [people].[meta] IS NOT NULL) ORDER BY [people].[id] ASC
--   @P1 = 'Rome'

-- 008 json index
SELECT [people].[id] FROM [people] WHERE (EXISTS (SELECT 1 FROM OPENJSON( [people].[meta] , N'$."tags"' ) AS part WHERE part.[key] = N'0' AND part.[type] = 1 AND part.[value] = @P1 )) ORDER BY [people].[id] ASC
--   @P1 = 'a'

-- 009 json index
-- SQL Server counts the positions of an array from its start only; use one from 0 on

-- 010 json path
SELECT [people].[id] FROM [people] WHERE (EXISTS (SELECT 1 FROM OPENJSON( [people].[meta] , N'$."size"' ) AS part WHERE part.[key] = N'w' AND part.[type] = 2 AND CAST(CASE WHEN part.[type] = 2 THEN part.[value] END AS FLOAT) >= @P1 )) ORDER BY [people].[id] ASC
--   @P1 = 1

-- 011 json path
SELECT [people].[id] FROM [people] WHERE (EXISTS (SELECT 1 FROM OPENJSON( [people].[meta] , N'$."size"' ) AS part WHERE part.[key] = N'w' AND part.[type] = 2 AND CAST(CASE WHEN part.[type] = 2 THEN part.[value] END AS FLOAT) = @P1 )) ORDER BY [people].[id] ASC
--   @P1 = 1

-- 012 json contains
-- SQL Server cannot ask whether JSON contains other JSON; compare its parts: field__key=value, field__has_key='key'

-- 013 json contained_by
-- SQL Server cannot ask whether JSON contains other JSON; compare its parts: field__key=value, field__has_key='key'

-- 014 json has_key
SELECT [people].[id] FROM [people] WHERE (LEFT( JSON_QUERY([people].[meta], N'$') , 1) = N'{' AND EXISTS (SELECT 1 FROM OPENJSON( JSON_QUERY([people].[meta], N'$') ) WHERE [key] = @P1 )) ORDER BY [people].[id] ASC
--   @P1 = 'city'

-- 015 json has_keys
SELECT [people].[id] FROM [people] WHERE (LEFT( JSON_QUERY([people].[meta], N'$') , 1) = N'{' AND NOT EXISTS (SELECT 1 FROM OPENJSON( @P1 ) AS wanted WHERE NOT EXISTS (SELECT 1 FROM OPENJSON( JSON_QUERY([people].[meta], N'$') ) AS part WHERE part.[key] = wanted.[value] COLLATE Latin1_General_BIN2) )) ORDER BY [people].[id] ASC
--   @P1 = '["city","tags"]'

-- 016 json has_any_keys
SELECT [people].[id] FROM [people] WHERE (LEFT( JSON_QUERY([people].[meta], N'$') , 1) = N'{' AND EXISTS (SELECT 1 FROM OPENJSON( @P1 ) AS wanted WHERE EXISTS (SELECT 1 FROM OPENJSON( JSON_QUERY([people].[meta], N'$') ) AS part WHERE part.[key] = wanted.[value] COLLATE Latin1_General_BIN2) )) ORDER BY [people].[id] ASC
--   @P1 = '["size","tags"]'

-- 017 json KT
SELECT [people].[id] FROM [people] WHERE COALESCE(JSON_VALUE([people].[meta], N'$."city"'), JSON_QUERY([people].[meta], N'$."city"')) LIKE @P1 ORDER BY [people].[id] ASC
--   @P1 = '%me'
