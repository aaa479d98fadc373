-- 001 columns and conditions
SELECT TOP (@P1) [people].[id], [people].[name] AS [n] FROM [people] WHERE [people].[age] > @P2 ORDER BY CASE WHEN [people].[name] IS NULL THEN 1 ELSE 0 END, [people].[name] ASC
--   @P1 = 2, @P2 = 3

-- 002 joins and groups
SELECT [people].[name] FROM [people] LEFT JOIN [posts] ON [posts].[author_id] = [people].[id] GROUP BY [people].[name]

-- 003 operators
SELECT [people].[id] FROM [people] WHERE [people].[name] LIKE @P1 AND ([people].[age] IN (SELECT v FROM OPENJSON( @P2 ) WITH (v BIGINT '$'))) AND [people].[email] IS NULL
--   @P1 = 'A%', @P2 = '[1,2]'

-- 004 between
SELECT [people].[id] FROM [people] WHERE [people].[age] BETWEEN @P1 AND @P2 ORDER BY (SELECT NULL) OFFSET @P3 ROWS FETCH NEXT @P4 ROWS ONLY
--   @P1 = 1, @P2 = 2, @P3 = 2, @P4 = 1

-- 005 distinct
SELECT DISTINCT TOP (@P1) [people].[age] FROM [people]
--   @P1 = 3

-- 006 count
SELECT count(*) AS count_1 FROM [people] WHERE [people].[age] > @P1
--   @P1 = 3

-- 007 exists
SELECT TOP (1) 1 FROM (SELECT [people].[id] AS [id], [people].[name] AS [name], [people].[email] AS [email], [people].[age] AS [age], [people].[height] AS [height], [people].[balance] AS [balance], [people].[is_active] AS [is_active], [people].[born] AS [born], [people].[joined] AS [joined], [people].[wakes] AS [wakes], [people].[meta] AS [meta] FROM [people] WHERE [people].[age] > @P1) AS [found]
--   @P1 = 3
