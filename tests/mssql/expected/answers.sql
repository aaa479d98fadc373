-- 001 method index
SELECT [people].… FROM [people] ORDER BY [people].[id] DESC OFFSET @P1 ROWS FETCH NEXT @P2 ROWS ONLY
--   @P1 = 1, @P2 = 1

-- 002 method step
SELECT TOP (@P1) [people].[id] FROM [people] ORDER BY [people].[id] ASC
--   @P1 = 4

-- 003 method iteration
SELECT [people].… FROM [people] WHERE [people].[id] > @P1
--   @P1 = 2

-- 004 method len
SELECT [people].… FROM [people] WHERE [people].[age] > @P1
--   @P1 = 20

-- 005 method bool
SELECT [people].… FROM [people] WHERE [people].[age] > @P1
--   @P1 = 20

-- 006 method pickle
SELECT [people].… FROM [people] WHERE [people].[age] > @P1
--   @P1 = 20

-- 007 method get
SELECT [people].… FROM [people] WHERE [people].[id] = @P1
--   @P1 = 1

-- 008 method get
SELECT [people].… FROM [people] WHERE [people].[email] = @P1
--   @P1 = 'ann@example.com'

-- 009 method get
SELECT TOP (@P1) [posts].… FROM [posts] JOIN [people] ON [people].[id] = [posts].[author_id] WHERE [people].[name] = @P2 AND [posts].[rating] > @P3
--   @P1 = 2, @P2 = 'Ann', @P3 = 4

-- 010 method count
SELECT count(*) AS count_1 FROM [people] WHERE [people].[age] > @P1
--   @P1 = 17

-- 011 method count
SELECT count(*) AS count_1 FROM (SELECT DISTINCT [posts].[author_id] AS c0 FROM [posts] WHERE [posts].[id] <= @P1) AS counted
--   @P1 = 3

-- 012 method in_bulk
SELECT [people].… FROM [people] WHERE [people].[id] IN (SELECT v FROM OPENJSON( @P1 ) WITH (v BIGINT '$'))
--   @P1 = '[1,3]'

-- 013 method in_bulk
SELECT [people].… FROM [people] WHERE [people].[email] IN (SELECT v FROM OPENJSON( @P1 ) WITH (v NVARCHAR(4000) '$'))
--   @P1 = '["ann@example.com"]'

-- 014 method iterator
SELECT [people].… FROM [people] WHERE [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 3

-- 015 method latest
SELECT TOP (@P1) [people].… FROM [people] WHERE [people].[id] <= @P2 ORDER BY [people].[joined] DESC
--   @P1 = 1, @P2 = 2

-- 016 method earliest
SELECT TOP (@P1) [people].… FROM [people] WHERE [people].[id] <= @P2 ORDER BY [people].[joined] ASC
--   @P1 = 1, @P2 = 2

-- 017 method first
SELECT TOP (@P1) [people].… FROM [people] WHERE [people].[age] > @P2 ORDER BY [people].[id] ASC
--   @P1 = 1, @P2 = 20

-- 018 method first
SELECT TOP (@P1) [people].… FROM [people] WHERE [people].[age] > @P2 ORDER BY [people].[age] DESC
--   @P1 = 1, @P2 = 20

-- 019 method last
SELECT TOP (@P1) [people].… FROM [people] WHERE [people].[age] > @P2 ORDER BY [people].[id] DESC
--   @P1 = 1, @P2 = 1

-- 020 method aggregate
SELECT MAX([people].[age]) AS [MAX_1], COUNT_BIG(*) AS [COUNT_BIG_1] FROM [people] WHERE [people].[id] <= @P1
--   @P1 = 2

-- 021 method aggregate
SELECT SUM(CAST(rows.a0 AS BIGINT)) AS [SUM_1] FROM (SELECT [people].[id] AS c0, [people].[name] AS c1, [people].[email] AS c2, [people].[age] AS c3, [people].[height] AS c4, [people].[balance] AS c5, [people].[is_active] AS c6, [people].[born] AS c7, [people].[joined] AS c8, [people].[wakes] AS c9, [people].[meta] AS c10, COUNT_BIG([posts].[id]) AS c11, COUNT_BIG([posts].[id]) AS a0 FROM [people] LEFT OUTER JOIN [posts] ON [posts].[author_id] = [people].[id] GROUP BY [people].… HAVING COUNT_BIG([posts].[id]) >= @P1) AS rows
--   @P1 = 0

-- 022 method exists
SELECT TOP (1) 1 FROM [people] WHERE [people].[age] > @P1
--   @P1 = 40

-- 023 method contains
SELECT [people].… FROM [people] WHERE [people].[id] = @P1
--   @P1 = 1
SELECT TOP (1) 1 FROM [people] WHERE [people].[age] > @P1 AND [people].[id] = @P2
--   @P1 = 30, @P2 = 1
