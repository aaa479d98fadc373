-- 001 a row that the database numbers
INSERT INTO [customers] ([name], [code], [status]) OUTPUT inserted.[id], inserted.[created], inserted.[token], inserted.[label], inserted.[initial], inserted.[version] VALUES (@P1, @P2, @P3)
--   @P1 = 'Ann', @P2 = 'a', @P3 = 'new'

-- 002 a row with a number of one's own
SET IDENTITY_INSERT [customers] ON /*;*/ INSERT INTO [customers] ([id], [name], [code], [status]) OUTPUT inserted.[created], inserted.[token], inserted.[label], inserted.[initial], inserted.[version] VALUES (@P1, @P2, @P3, @P4)
--   @P1 = 7, @P2 = 'Ann', @P3 = 'a', @P4 = 'new'

-- 003 a row of defaults
INSERT INTO [sales].[shipments] OUTPUT inserted.[id] DEFAULT VALUES

-- 004 a row of a table with triggers
DECLARE @noormme_written TABLE ([id] bigint) /*;*/ INSERT INTO [sales].[orders] ([customer_id], [total], [paid]) OUTPUT inserted.[id] INTO @noormme_written VALUES (@P1, @P2, @P3) /*;*/ SELECT [id] FROM @noormme_written
--   @P1 = 1, @P2 = Decimal('2.5'), @P3 = False

-- 005 the change of a row of a table with triggers
UPDATE [sales].[orders] SET [paid]=@P1 WHERE [sales].[orders].[id] = @P2
--   @P1 = True, @P2 = 1

-- 006 a row with a key of two columns
INSERT INTO [sales].[order_lines] ([order_id], [line_no], [product], [quantity]) VALUES (@P1, @P2, @P3, @P4)
--   @P1 = 1, @P2 = 2, @P3 = 'x', @P4 = 3

-- 007 many rows
INSERT INTO [sales].[order_lines] ([order_id], [line_no], [product], [quantity]) SELECT c0, c1, c2, c3 FROM OPENJSON(@P1) WITH (c0 bigint '$[0]', c1 int '$[1]', c2 nvarchar(max) '$[2]', c3 int '$[3]')
--   @P1 = '[[1,1,"x",1],[1,2,"x",2]]'

-- 008 many changes
UPDATE [sales].[order_lines] SET [quantity]=([sales].[order_lines].[quantity] + @P1) WHERE [sales].[order_lines].[order_id] = @P2
--   @P1 = 1, @P2 = 1

-- 009 an upsert
SELECT TOP (@P1) [customers].[id], [customers].[name], [customers].[code], [customers].[email], [customers].[status], [customers].[created], [customers].[seen], [customers].[token], [customers].[credit], [customers].[called], [customers].[photo], [customers].[place], [customers].[notes], [customers].[extra], [customers].[anything], [customers].[label], [customers].[initial], [customers].[version] FROM [customers] WHERE [customers].[code] = @P2 ORDER BY [customers].[id] ASC
--   @P1 = 1, @P2 = 'a'
MERGE INTO [customers] WITH (HOLDLOCK) AS target USING (VALUES (CAST(@P1 AS nvarchar(max)), CAST(@P2 AS varchar(max)), CAST(@P3 AS nvarchar(max)), CAST(@P4 AS varchar(max)), CAST(@P5 AS datetimeoffset(3)), CAST(@P6 AS money), CAST(@P7 AS varchar(max)), CAST(@P8 AS varbinary(max)), CAST(@P9 AS geography), CAST(@P10 AS xml), CAST(@P11 AS nvarchar(max)), CAST(@P12 AS sql_variant))) AS new ([name], [code], [email], [status], [seen], [credit], [called], [photo], [place], [notes], [extra], [anything]) ON target.[code] = new.[code] WHEN MATCHED THEN UPDATE SET [name] = new.[name], [email] = new.[email] WHEN NOT MATCHED THEN INSERT ([name], [code], [email], [status], [seen], [credit], [called], [photo], [place], [notes], [extra], [anything]) VALUES (new.[name], new.[code], new.[email], new.[status], new.[seen], new.[credit], new.[called], new.[photo], new.[place], new.[notes], new.[extra], new.[anything]) OUTPUT inserted.[id], inserted.[name], inserted.[code], inserted.[email], inserted.[status], inserted.[created], inserted.[seen], inserted.[token], inserted.[credit], inserted.[called], inserted.[photo], inserted.[place], inserted.[notes], inserted.[extra], inserted.[anything], inserted.[label], inserted.[initial], inserted.[version] /*;*/
--   @P1 = 'Ann', @P2 = 'a', @P3 = None, @P4 = 'new', @P5 = None, @P6 = None, @P7 = None, @P8 = None, @P9 = None, @P10 = None, @P11 = None, @P12 = None

-- 010 an upsert with a number of one's own
SELECT TOP (@P1) [sales].[shipments].[id], [sales].[shipments].[order_id], [sales].[shipments].[line_no], [sales].[shipments].[sent] FROM [sales].[shipments] WHERE [sales].[shipments].[id] = @P2 ORDER BY [sales].[shipments].[id] ASC
--   @P1 = 1, @P2 = 1
SET IDENTITY_INSERT [sales].[shipments] ON /*;*/ MERGE INTO [sales].[shipments] WITH (HOLDLOCK) AS target USING (VALUES (CAST(@P1 AS int), CAST(@P2 AS bigint), CAST(@P3 AS int), CAST(@P4 AS date))) AS new ([id], [order_id], [line_no], [sent]) ON target.[id] = new.[id] WHEN MATCHED THEN UPDATE SET [sent] = new.[sent] WHEN NOT MATCHED THEN INSERT ([id], [order_id], [line_no], [sent]) VALUES (new.[id], new.[order_id], new.[line_no], new.[sent]) OUTPUT inserted.[id], inserted.[order_id], inserted.[line_no], inserted.[sent] /*;*/
--   @P1 = 1, @P2 = None, @P3 = None, @P4 = datetime.date(2024, 1, 1)

-- 011 an upsert in a table with triggers
SELECT TOP (@P1) [sales].[orders].[id], [sales].[orders].[customer_id], [sales].[orders].[total], [sales].[orders].[placed], [sales].[orders].[paid] FROM [sales].[orders] WHERE [sales].[orders].[id] = @P2 ORDER BY [sales].[orders].[id] ASC
--   @P1 = 1, @P2 = 1
DECLARE @noormme_written TABLE ([id] bigint, [customer_id] int, [total] decimal(12, 2), [placed] datetime2(3), [paid] bit) /*;*/ MERGE INTO [sales].[orders] WITH (HOLDLOCK) AS target USING (VALUES (CAST(@P1 AS bigint), CAST(@P2 AS int), CAST(@P3 AS datetime2(3)), CAST(@P4 AS bit))) AS new ([id], [customer_id], [placed], [paid]) ON target.[id] = new.[id] WHEN MATCHED THEN UPDATE SET [customer_id] = new.[customer_id] WHEN NOT MATCHED THEN INSERT ([id], [customer_id], [placed], [paid]) VALUES (new.[id], new.[customer_id], new.[placed], new.[paid]) OUTPUT inserted.[id], inserted.[customer_id], inserted.[total], inserted.[placed], inserted.[paid] INTO @noormme_written /*;*/ SELECT [id], [customer_id], [total], [placed], [paid] FROM @noormme_written
--   @P1 = 1, @P2 = 1, @P3 = None, @P4 = False

-- 012 rows that are left out where they are in the way
MERGE INTO [sales].[order_lines] WITH (HOLDLOCK) AS target USING (VALUES (CAST(@P1 AS bigint), CAST(@P2 AS int), CAST(@P3 AS nvarchar(max)), CAST(@P4 AS int))) AS new ([order_id], [line_no], [product], [quantity]) ON target.[line_no] = new.[line_no] AND target.[order_id] = new.[order_id] WHEN NOT MATCHED THEN INSERT ([order_id], [line_no], [product], [quantity]) VALUES (new.[order_id], new.[line_no], new.[product], new.[quantity]) OUTPUT inserted.[order_id], inserted.[line_no], inserted.[product], inserted.[quantity] /*;*/
--   @P1 = 1, @P2 = 1, @P3 = 'x', @P4 = 1

-- 013 an upsert by a key of some rows
SELECT TOP (@P1) [customers].[id], [customers].[name], [customers].[code], [customers].[email], [customers].[status], [customers].[created], [customers].[seen], [customers].[token], [customers].[credit], [customers].[called], [customers].[photo], [customers].[place], [customers].[notes], [customers].[extra], [customers].[anything], [customers].[label], [customers].[initial], [customers].[version] FROM [customers] WHERE [customers].[email] = @P2 ORDER BY [customers].[id] ASC
--   @P1 = 1, @P2 = 'x'
-- MERGE knows no filtered index; use update_or_create(), or a key without a filter

-- 014 the delete of rows
DELETE FROM [sales].[shipments] WHERE [sales].[shipments].[sent] < @P1
--   @P1 = datetime.date(2024, 1, 1)

-- 015 the delete of all rows
DELETE FROM [sales].[shipments]

-- 016 a set of documents
UPDATE [customers] SET [extra]=@P1 WHERE [customers].[id] = @P2
--   @P1 = '{"a":[1,null,"é"]}', @P2 = 1

-- 017 a set of texts and bytes
UPDATE [customers] SET [code]=@P1, [email]=@P2, [photo]=@P3 WHERE [customers].[id] = @P4
--   @P1 = 'é', @P2 = None, @P3 = b'\x00\x01', @P4 = 1

-- 018 a condition that is stored
UPDATE [people] SET [is_active]=(CASE WHEN [people].[age] > @P1 THEN 1 WHEN NOT ([people].[age] > @P1) THEN 0 END) WHERE [people].[id] = @P2
--   @P1 = 18, @P2 = 1
