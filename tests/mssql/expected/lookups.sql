-- 001 lookup exact
SELECT [people].[id] FROM [people] WHERE [people].[name] = @P1 ORDER BY [people].[id] ASC
--   @P1 = 'Ann'

-- 002 lookup exact
SELECT [people].[id] FROM [people] WHERE [people].[balance] = @P1 ORDER BY [people].[id] ASC
--   @P1 = Decimal('20.00')

-- 003 lookup iexact
SELECT [people].[id] FROM [people] WHERE LOWER([people].[name]) = LOWER(@P1) ORDER BY [people].[id] ASC
--   @P1 = 'ANN'

-- 004 lookup contains
SELECT [people].[id] FROM [people] WHERE [people].[email] LIKE @P1 ORDER BY [people].[id] ASC
--   @P1 = '%le%'

-- 005 lookup icontains
SELECT [people].[id] FROM [people] WHERE LOWER([people].[email]) LIKE LOWER(@P1) ORDER BY [people].[id] ASC
--   @P1 = '%LE%'

-- 006 lookup in
SELECT [people].[id] FROM [people] WHERE [people].[id] IN (SELECT v FROM OPENJSON( @P1 ) WITH (v BIGINT '$')) ORDER BY [people].[id] ASC
--   @P1 = '[1,3]'

-- 007 lookup in
SELECT [people].[id] FROM [people] WHERE [people].[born] IN (SELECT v FROM OPENJSON( @P1 ) WITH (v DATE '$')) ORDER BY [people].[id] ASC
--   @P1 = '["1993-03-05"]'

-- 008 lookup gt
SELECT [people].[id] FROM [people] WHERE [people].[age] > @P1 ORDER BY [people].[id] ASC
--   @P1 = 17

-- 009 lookup gte
SELECT [people].[id] FROM [people] WHERE [people].[height] >= @P1 ORDER BY [people].[id] ASC
--   @P1 = 1.5

-- 010 lookup lt
SELECT [people].[id] FROM [people] WHERE [people].[balance] < @P1 ORDER BY [people].[id] ASC
--   @P1 = Decimal('10.5')

-- 011 lookup lte
SELECT [people].[id] FROM [people] WHERE [people].[born] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = datetime.date(1993, 3, 5)

-- 012 lookup startswith
SELECT [people].[id] FROM [people] WHERE [people].[name] LIKE @P1 ORDER BY [people].[id] ASC
--   @P1 = 'A%'

-- 013 lookup istartswith
SELECT [people].[id] FROM [people] WHERE LOWER([people].[name]) LIKE LOWER(@P1) ORDER BY [people].[id] ASC
--   @P1 = 'a%'

-- 014 lookup endswith
SELECT [people].[id] FROM [people] WHERE [people].[name] LIKE @P1 ORDER BY [people].[id] ASC
--   @P1 = '%n'

-- 015 lookup iendswith
SELECT [people].[id] FROM [people] WHERE LOWER([people].[name]) LIKE LOWER(@P1) ORDER BY [people].[id] ASC
--   @P1 = '%N'

-- 016 lookup range
SELECT [people].[id] FROM [people] WHERE [people].[age] BETWEEN @P1 AND @P2 ORDER BY [people].[id] ASC
--   @P1 = 17, @P2 = 31

-- 017 lookup isnull
SELECT [people].[id] FROM [people] WHERE [people].[age] IS NULL AND [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 4

-- 018 lookup isnull
SELECT [people].[id] FROM [people] LEFT OUTER JOIN [profiles] ON [profiles].[person_id] = [people].[id] WHERE [profiles].[id] IS NULL AND [people].[id] <= @P1 ORDER BY [people].[id] ASC
--   @P1 = 4

-- 019 lookup regex
-- SQL Server before 2025 has no regular expressions; use contains, startswith or endswith, or filter in Python; on 2025, RawSQL with REGEXP_LIKE

-- 020 lookup iregex
-- SQL Server before 2025 has no regular expressions; use contains, startswith or endswith, or filter in Python; on 2025, RawSQL with REGEXP_LIKE

-- 021 lookup pk
SELECT [people].[id] FROM [people] WHERE [people].[id] = @P1 ORDER BY [people].[id] ASC
--   @P1 = 1

-- 022 lookup pk
SELECT [people].[id] FROM [people] WHERE [people].[id] > @P1 ORDER BY [people].[id] ASC
--   @P1 = 1

-- 023 lookup forward
SELECT [posts].[id] FROM [posts] JOIN [people] ON [people].[id] = [posts].[author_id] WHERE [people].[name] = @P1 ORDER BY [posts].[id] ASC
--   @P1 = 'Ann'

-- 024 lookup forward
SELECT [posts].[id] FROM [posts] WHERE [posts].[author_id] = @P1 ORDER BY [posts].[id] ASC
--   @P1 = 1

-- 025 lookup reverse
SELECT [people].[id] FROM [people] JOIN [posts] ON [posts].[author_id] = [people].[id] WHERE [posts].[title] = @P1 ORDER BY [people].[id] ASC
--   @P1 = 'One'

-- 026 lookup reverse
SELECT [people].[id] FROM [people] WHERE NOT (EXISTS (SELECT 1 FROM [posts] WHERE [posts].[author_id] = [people].[id] AND [posts].[rating] = @P1)) ORDER BY [people].[id] ASC
--   @P1 = 5

-- 027 lookup many-to-many
SELECT [posts].[id] FROM [posts] JOIN [post_tags] ON [post_tags].[post_id] = [posts].[id] JOIN [tags] ON [tags].[id] = [post_tags].[tag_id] WHERE [tags].[name] = @P1 ORDER BY [posts].[id] ASC
--   @P1 = 'sql'

-- 028 lookup many-to-many
SELECT DISTINCT [people].[id] FROM [people] JOIN [posts] ON [posts].[author_id] = [people].[id] JOIN [post_tags] ON [post_tags].[post_id] = [posts].[id] JOIN [tags] ON [tags].[id] = [post_tags].[tag_id] WHERE [tags].[name] = @P1 ORDER BY [people].[id] ASC
--   @P1 = 'python'

-- 029 lookup one-to-one
SELECT [people].[id] FROM [people] JOIN [profiles] ON [profiles].[person_id] = [people].[id] WHERE [profiles].[bio] LIKE @P1 ORDER BY [people].[id] ASC
--   @P1 = 'likes%'

-- 030 lookup in-subquery
SELECT [posts].[id] FROM [posts] WHERE [posts].[author_id] IN (SELECT [people].[id] FROM [people] WHERE [people].[age] > @P1) ORDER BY [posts].[id] ASC
--   @P1 = 18

-- 031 transform date
SELECT [people].[id] FROM [people] WHERE CAST([people].[joined] AS DATE) = @P1 ORDER BY [people].[id] ASC
--   @P1 = datetime.date(2024, 1, 1)

-- 032 transform year
SELECT [people].[id] FROM [people] WHERE [people].[born] >= @P1 AND [people].[born] < @P2 ORDER BY [people].[id] ASC
--   @P1 = datetime.datetime(1993, 1, 1, 0, 0), @P2 = datetime.datetime(1994, 1, 1, 0, 0)

-- 033 transform year, transform compared
SELECT [people].[id] FROM [people] WHERE [people].[joined] >= @P1 ORDER BY [people].[id] ASC
--   @P1 = datetime.datetime(2024, 1, 1, 0, 0)

-- 034 transform iso_year
SELECT [people].[id] FROM [people] WHERE YEAR(DATEADD(DAY, (26 - DATEPART(ISO_WEEK, [people].[born])), [people].[born])) = @P1 ORDER BY [people].[id] ASC
--   @P1 = 1984

-- 035 transform month
SELECT [people].[id] FROM [people] WHERE DATEPART(MONTH, [people].[born]) = @P1 ORDER BY [people].[id] ASC
--   @P1 = 3

-- 036 transform month, transform compared
SELECT [people].[id] FROM [people] WHERE DATEPART(MONTH, [people].[joined]) < @P1 ORDER BY [people].[id] ASC
--   @P1 = 2

-- 037 transform day
SELECT [people].[id] FROM [people] WHERE DATEPART(DAY, [people].[joined]) = @P1 ORDER BY [people].[id] ASC
--   @P1 = 29

-- 038 transform week
SELECT [people].[id] FROM [people] WHERE DATEPART(ISO_WEEK, [people].[born]) = @P1 ORDER BY [people].[id] ASC
--   @P1 = 1

-- 039 transform week_day
SELECT [people].[id] FROM [people] WHERE (((DATEDIFF(DAY, CAST(N'0001-01-01' AS DATE), [people].[joined]) + 1) % 7) + 1) = @P1 ORDER BY [people].[id] ASC
--   @P1 = 1

-- 040 transform iso_week_day
SELECT [people].[id] FROM [people] WHERE ((DATEDIFF(DAY, CAST(N'0001-01-01' AS DATE), [people].[joined]) % 7) + 1) = @P1 ORDER BY [people].[id] ASC
--   @P1 = 7

-- 041 transform quarter
SELECT [people].[id] FROM [people] WHERE DATEPART(QUARTER, [people].[born]) = @P1 ORDER BY [people].[id] ASC
--   @P1 = 1

-- 042 transform time
SELECT [people].[id] FROM [people] WHERE CAST([people].[joined] AS TIME(6)) = @P1 ORDER BY [people].[id] ASC
--   @P1 = datetime.time(10, 20, 30)

-- 043 transform hour
SELECT [people].[id] FROM [people] WHERE DATEPART(HOUR, [people].[joined]) = @P1 ORDER BY [people].[id] ASC
--   @P1 = 23

-- 044 transform hour, transform compared
SELECT [people].[id] FROM [people] WHERE DATEPART(HOUR, [people].[wakes]) > @P1 ORDER BY [people].[id] ASC
--   @P1 = 6

-- 045 transform minute
SELECT [people].[id] FROM [people] WHERE DATEPART(MINUTE, [people].[wakes]) = @P1 ORDER BY [people].[id] ASC
--   @P1 = 15

-- 046 transform second
SELECT [people].[id] FROM [people] WHERE DATEPART(SECOND, [people].[wakes]) = @P1 ORDER BY [people].[id] ASC
--   @P1 = 1
