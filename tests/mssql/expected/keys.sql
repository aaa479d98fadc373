-- 001 the key of two columns
SELECT TOP (@P1) [sales].[order_lines].[order_id], [sales].[order_lines].[line_no], [sales].[order_lines].[product], [sales].[order_lines].[quantity] FROM [sales].[order_lines] WHERE [sales].[order_lines].[order_id] = @P2 AND [sales].[order_lines].[line_no] = @P3 ORDER BY [sales].[order_lines].[order_id] ASC, [sales].[order_lines].[line_no] ASC
--   @P1 = 1, @P2 = 1, @P3 = 2

-- 002 a list of keys of two columns
SELECT [sales].[order_lines].[order_id], [sales].[order_lines].[line_no], [sales].[order_lines].[product], [sales].[order_lines].[quantity] FROM [sales].[order_lines] WHERE (EXISTS (SELECT 1 FROM OPENJSON( @P1 ) WITH (k0 BIGINT '$[0]', k1 BIGINT '$[1]') AS noormme_keys WHERE [sales].[order_lines].[order_id] = noormme_keys.k0 AND [sales].[order_lines].[line_no] = noormme_keys.k1 ))
--   @P1 = '[[1,2],[3,4]]'

-- 003 not in a list of keys
SELECT [sales].[order_lines].[order_id], [sales].[order_lines].[line_no], [sales].[order_lines].[product], [sales].[order_lines].[quantity] FROM [sales].[order_lines] WHERE NOT (EXISTS (SELECT 1 FROM OPENJSON( @P1 ) WITH (k0 BIGINT '$[0]', k1 BIGINT '$[1]') AS noormme_keys WHERE [sales].[order_lines].[order_id] = noormme_keys.k0 AND [sales].[order_lines].[line_no] = noormme_keys.k1 ))
--   @P1 = '[[1,2]]'

-- 004 whether a key is in a list, as a value
SELECT CASE WHEN (EXISTS (SELECT 1 FROM OPENJSON( @P1 ) WITH (k0 BIGINT '$[0]', k1 BIGINT '$[1]') AS noormme_keys WHERE [sales].[order_lines].[order_id] = noormme_keys.k0 AND [sales].[order_lines].[line_no] = noormme_keys.k1 )) THEN 1 WHEN NOT ((EXISTS (SELECT 1 FROM OPENJSON( @P1 ) WITH (k0 BIGINT '$[0]', k1 BIGINT '$[1]') AS noormme_keys WHERE [sales].[order_lines].[order_id] = noormme_keys.k0 AND [sales].[order_lines].[line_no] = noormme_keys.k1 ))) THEN 0 END AS anon_1 FROM [sales].[order_lines]
--   @P1 = '[[1,2]]'

-- 005 keys of two columns in a subquery
SELECT [sales].[order_lines].[order_id], [sales].[order_lines].[line_no], [sales].[order_lines].[product], [sales].[order_lines].[quantity] FROM [sales].[order_lines] WHERE EXISTS (SELECT 1 FROM (SELECT [sales.order_lines_2].[order_id], [sales.order_lines_2].[line_no] FROM [sales].[order_lines] AS [sales.order_lines_2] WHERE [sales.order_lines_2].[quantity] > @P1) AS noormme_rows (k0, k1) WHERE noormme_rows.k0 = [sales].[order_lines].[order_id] AND noormme_rows.k1 = [sales].[order_lines].[line_no])
--   @P1 = 2

-- 006 an update of joined rows with a key of two columns
UPDATE [sales].[order_lines] SET [quantity]=@P1 WHERE EXISTS (SELECT 1 FROM (SELECT [sales.order_lines_2].[order_id], [sales.order_lines_2].[line_no] FROM [sales].[order_lines] AS [sales.order_lines_2] JOIN [sales].[orders] ON [sales].[orders].[id] = [sales.order_lines_2].[order_id] JOIN [customers] ON [customers].[id] = [sales].[orders].[customer_id] WHERE [customers].[name] = @P2) AS noormme_rows (k0, k1) WHERE noormme_rows.k0 = [sales].[order_lines].[order_id] AND noormme_rows.k1 = [sales].[order_lines].[line_no])
--   @P1 = 1, @P2 = 'Ann'

-- 007 a delete of joined rows with a key of two columns
DELETE FROM [sales].[order_lines] WHERE EXISTS (SELECT 1 FROM (SELECT [sales.order_lines_2].[order_id], [sales.order_lines_2].[line_no] FROM [sales].[order_lines] AS [sales.order_lines_2] JOIN [sales].[orders] ON [sales].[orders].[id] = [sales.order_lines_2].[order_id] WHERE [sales].[orders].[total] > @P1) AS noormme_rows (k0, k1) WHERE noormme_rows.k0 = [sales].[order_lines].[order_id] AND noormme_rows.k1 = [sales].[order_lines].[line_no])
--   @P1 = Decimal('5')

-- 008 joins across schemas
SELECT [sales].[order_lines].[order_id], [sales].[order_lines].[line_no], [sales].[order_lines].[product], [sales].[order_lines].[quantity] FROM [sales].[order_lines] JOIN [sales].[orders] ON [sales].[orders].[id] = [sales].[order_lines].[order_id] JOIN [customers] ON [customers].[id] = [sales].[orders].[customer_id] WHERE [customers].[name] = @P1
--   @P1 = 'Ann'

-- 009 a list of uuids
SELECT [customers].[id] FROM [customers] WHERE [customers].[token] IN (SELECT v FROM OPENJSON( @P1 ) WITH (v UNIQUEIDENTIFIER '$'))
--   @P1 = '["12345678-1234-5678-1234-567812345678"]'

-- 010 a list of bytes
SELECT [customers].[id] FROM [customers] WHERE [customers].[photo] IN (SELECT v FROM OPENJSON( @P1 ) WITH (v VARBINARY(MAX) '$'))
--   @P1 = '["AP8="]'

-- 011 a list of decimals
SELECT [sales].[orders].[id] FROM [sales].[orders] WHERE [sales].[orders].[total] IN (SELECT v FROM OPENJSON( @P1 ) WITH (v DECIMAL(38, 10) '$'))
--   @P1 = '[1.50,2]'

-- 012 a list of datetimes
SELECT [sales].[orders].[id] FROM [sales].[orders] WHERE [sales].[orders].[placed] IN (SELECT v FROM OPENJSON( @P1 ) WITH (v NVARCHAR(40) '$'))
--   @P1 = '["2024-03-05T10:20:30.123000"]'

-- 013 a list of moments of 300ths of a second
SELECT [customers].[id] FROM [customers] WHERE [customers].[created] IN (SELECT v FROM OPENJSON( @P1 ) WITH (v NVARCHAR(40) '$'))
--   @P1 = '["2024-03-05T10:20:30.123"]'

-- 014 a list of booleans
SELECT [sales].[orders].[id] FROM [sales].[orders] WHERE [sales].[orders].[paid] IN (SELECT v FROM OPENJSON( @P1 ) WITH (v BIT '$'))
--   @P1 = '[true]'

-- 015 a list of texts, one with a NUL
SELECT [people].[id] FROM [people] WHERE ([people].[name] IN (SELECT v FROM OPENJSON( @P1 ) WITH (v NVARCHAR(4000) '$'))) OR ([people].[name] IN (SELECT v FROM OPENJSON( @P2 ) WITH (v NVARCHAR(4000) '$')))
--   @P1 = '["a"]', @P2 = '["b\\u0000"]'

-- 016 an empty list
SELECT [people].[id] FROM [people] WHERE 1 = 0 OR [people].[id] = @P1
--   @P1 = 1

-- 017 a list with an expression
SELECT [people].[id] FROM [people] WHERE [people].[id] = @P1 OR [people].[id] = [people].[age]
--   @P1 = 1
