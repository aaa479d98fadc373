-- 001 method filter
SELECT [people].… FROM [people] WHERE [people].[age] >= @P1
--   @P1 = 18

-- 002 method filter
SELECT [people].[id] FROM [people] JOIN [posts] ON [posts].[author_id] = [people].[id] WHERE [posts].[rating] = @P1 AND [posts].[title] = @P2 ORDER BY [people].[id] ASC
--   @P1 = 5, @P2 = 'One'

-- 003 method filter
SELECT [people].[id] FROM [people] JOIN [posts] ON [posts].[author_id] = [people].[id] JOIN [posts] AS [posts_2] ON [posts_2].[author_id] = [people].[id] WHERE [posts].[rating] = @P1 AND [posts_2].[title] = @P2 ORDER BY [people].[id] ASC
--   @P1 = 5, @P2 = 'Two'

-- 004 method exclude
SELECT [people].[id] FROM [people] WHERE NOT ([people].[age] = @P1 AND [people].[age] IS NOT NULL) ORDER BY [people].[id] ASC
--   @P1 = 17

-- 005 method exclude
SELECT [people].[id] FROM [people] WHERE NOT ((EXISTS (SELECT 1 FROM [posts] WHERE [posts].[author_id] = [people].[id] AND [posts].[rating] = @P1)) AND (EXISTS (SELECT 1 FROM [posts] AS [posts_2] WHERE [posts_2].[author_id] = [people].[id] AND ([posts_2].[title] LIKE @P2)))) ORDER BY [people].[id] ASC
--   @P1 = 5, @P2 = '%F%'

-- 006 method annotate
SELECT [people].[id], ([people].[age] + @P1) AS anon_1 FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 1

-- 007 method annotate
SELECT [people].[id], COUNT_BIG([posts].[id]) AS [COUNT_BIG_1] FROM [people] LEFT OUTER JOIN [posts] ON [posts].[author_id] = [people].[id] GROUP BY [people].[id] HAVING COUNT_BIG([posts].[id]) > @P1 ORDER BY [people].[id] ASC
--   @P1 = 0

-- 008 method alias
SELECT [people].[id] FROM [people] LEFT OUTER JOIN [posts] ON [posts].[author_id] = [people].[id] GROUP BY [people].[id] HAVING COUNT_BIG([posts].[id]) = @P1 ORDER BY [people].[id] ASC
--   @P1 = 0

-- 009 method order_by
SELECT [people].[id] FROM [people] WHERE [people].[id] > @P1 ORDER BY [people].[is_active] ASC, [people].[name] DESC
--   @P1 = 0

-- 010 method order_by
SELECT [posts].[id] FROM [posts] LEFT OUTER JOIN [people] ON [people].[id] = [posts].[author_id] WHERE [posts].[id] > @P1 ORDER BY [people].[name] ASC, [posts].[id] DESC
--   @P1 = 0

-- 011 method reverse
SELECT [people].[id] FROM [people] WHERE [people].[id] > @P1 ORDER BY [people].[age] DESC
--   @P1 = 0

-- 012 method distinct
SELECT DISTINCT [posts].[author_id] FROM [posts] WHERE [posts].[id] <= @P1 ORDER BY [posts].[author_id] ASC
--   @P1 = 2

-- 013 method values
SELECT [people].[id], [people].[name], [profiles].[bio] FROM [people] LEFT OUTER JOIN [profiles] ON [profiles].[person_id] = [people].[id] WHERE [people].[id] = @P1
--   @P1 = 1

-- 014 method values
SELECT [people].… FROM [people] WHERE [people].[id] = @P1
--   @P1 = 3

-- 015 method values
SELECT [posts].[author_id], COUNT_BIG([posts].[id]) AS [COUNT_BIG_1] FROM [posts] WHERE [posts].[id] <= @P1 GROUP BY [posts].[author_id] ORDER BY [posts].[author_id] ASC
--   @P1 = 3

-- 016 method values_list
SELECT [people].[id], [people].[is_active], [people].[born] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 1

-- 017 method values_list
SELECT [people].[name] FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 1

-- 018 method values_list
SELECT [people].[id], [people].[name] FROM [people] WHERE [people].[id] = @P1
--   @P1 = 1

-- 019 method none

-- 020 method all
SELECT [people].… FROM [people] WHERE [people].[id] = @P1
--   @P1 = 1

-- 021 method &
SELECT [people].[id] FROM [people] WHERE [people].[id] <= @P1 AND [people].[is_active] = @P2 ORDER BY [people].[id] ASC
--   @P1 = 3, @P2 = True

-- 022 method |
SELECT [people].[id] FROM [people] WHERE [people].[id] = @P1 OR [people].[age] IS NULL ORDER BY [people].[id] ASC
--   @P1 = 1

-- 023 method ^
SELECT [people].[id] FROM [people] WHERE (CASE WHEN ([people].[id] <= @P1) THEN 1 ELSE 0 END + CASE WHEN ([people].[is_active] = @P2) THEN 1 ELSE 0 END) % 2 = 1 ORDER BY [people].[id] ASC
--   @P1 = 1, @P2 = True

-- 024 method slice
SELECT [people].[id] FROM [people] ORDER BY [people].[id] ASC OFFSET @P1 ROWS FETCH NEXT @P2 ROWS ONLY
--   @P1 = 1, @P2 = 2

-- 025 method slice
SELECT TOP (@P1) [people].[id] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 1

-- 026 method select_related
SELECT [posts].…, [people].… FROM [posts] LEFT OUTER JOIN [people] ON [people].[id] = [posts].[author_id] WHERE [posts].[id] <= @P1 ORDER BY [posts].[id] ASC
--   @P1 = 2

-- 027 method prefetch_related
SELECT [posts].… FROM [posts] WHERE [posts].[id] <= @P1 ORDER BY [posts].[id] ASC
--   @P1 = 1
SELECT [post_tags].[post_id], [tags].… FROM [tags] JOIN [post_tags] ON [post_tags].[tag_id] = [tags].[id] WHERE [post_tags].[post_id] IN (SELECT v FROM OPENJSON( @P1 ) WITH (v BIGINT '$'))
--   @P1 = '[1]'

-- 028 method Prefetch
SELECT [people].… FROM [people] ORDER BY [people].[id] ASC
SELECT [posts].… FROM [posts] WHERE [posts].[rating] >= @P1 AND ([posts].[author_id] IN (SELECT v FROM OPENJSON( @P2 ) WITH (v BIGINT '$')))
--   @P1 = 4, @P2 = '[1,2,3,4]'

-- 029 method defer
SELECT [people].[id], [people].[name], [people].[email], [people].[height], [people].[balance], [people].[is_active], [people].[born], [people].[joined], [people].[wakes] FROM [people] WHERE [people].[id] = @P1
--   @P1 = 1
SELECT [people].[id], [people].[age] FROM [people] WHERE [people].[id] IN (SELECT v FROM OPENJSON( @P1 ) WITH (v BIGINT '$'))
--   @P1 = '[1]'

-- 030 method only
SELECT [people].[id], [people].[name] FROM [people] WHERE [people].[id] = @P1
--   @P1 = 1

-- 031 method using
SELECT [people].… FROM [people] WHERE [people].[id] = @P1
--   @P1 = 1
